//! Attacks on the boundary itself: what no compiler would make, and what the host must not trust.

use anshu_model::Error;

use super::{attack, faults, faults_in, install, stopped_on, world_of};

#[tokio::test]
async fn a_variant_that_is_none_and_a_pointer_to_nowhere_are_refused() {
    faults("wild-variant", "违反合约").await;
    faults("wild-pointer", "违反合约").await;
}

#[tokio::test]
async fn memory_that_the_guest_hands_out_is_checked() {
    let world = world_of(&install::instead("wild_realloc", "cabi_realloc"));
    faults_in(&world, "calm", "违反合约").await;
}

#[tokio::test]
async fn a_guest_cannot_call_the_host_while_the_host_hands_something_over() {
    let world = world_of(&install::instead("reentering_realloc", "cabi_realloc"));
    faults_in(&world, "calm", "违反组件调用规则").await;
}

#[tokio::test]
async fn a_loop_before_the_call_is_cut() {
    let world = world_of(&install::starting_with("spin"));
    faults_in(&world, "calm", "死循环").await;
}

/// The answer was given by then, and counts for nothing.
#[tokio::test]
async fn a_loop_after_the_answer_is_cut_and_nothing_is_kept() {
    let after = "cabi_post_anshu:governance/plugin@0.1.0#decide";
    let world = world_of(&install::instead("spin_after", after));
    let error = stopped_on(&world, &world.centre, attack("calm")).await;
    assert!(matches!(&error, Error::Fault(text) if text.contains("死循环")), "{error}");
}
