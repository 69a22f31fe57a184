//! The life of a pack's versions: stored, answered by named people, activated, withdrawn; now, or at an instant.

use std::collections::BTreeSet;

use anshu_data::{ActivationState, RequestState, Staging};
use anshu_model::Error;
use anshu_model::capability::{Grant, Import};
use anshu_model::context::{OpContext, PackRef};
use anshu_model::grant::{Approver, difference};
use anshu_model::label::Level;
use anshu_model::manifest::Manifest;
use anshu_model::port::Centre as _;
use anshu_model::standing::Standing;

use crate::centre::{Centre, EAST, NOW, again, clerk, on_both, person};
use crate::office::{operator, pack};

/// Somebody with a role.
fn in_role(name: &str, role: &str) -> OpContext {
    person(name, EAST, &[role], Level::L2)
}

/// Stores a version; its grant is what it asks.
async fn stage(
    centre: &Centre,
    context: &OpContext,
    version: &str,
    sensitive: bool,
    before: Option<(&(Manifest, Grant), &str)>,
) -> Result<(RequestState, String, (Manifest, Grant)), Error> {
    let bytes = format!("component {version} {sensitive}");
    let (mut manifest, mut grant, digest) = pack(version, bytes.as_bytes());
    manifest.requests.ceiling = Level::L3;
    grant.allows.ceiling = Level::L3;
    grant.allows.reads = BTreeSet::new();
    grant.allows.writes = BTreeSet::new();
    if sensitive {
        grant.allows.imports = BTreeSet::from([Import::Data]);
        manifest.requests.imports = grant.allows.imports.clone();
    }
    let old = before.map(|(both, _)| (&both.0, &both.1));
    let shown = difference(old, (&manifest, &grant), &[]);
    let staging = Staging {
        bytes: bytes.as_bytes(),
        digest: &digest,
        manifest: &manifest,
        grant: &grant,
        shown: &shown,
        before: before.map(|(_, digest)| digest),
    };
    let request = centre.data.stage_pack(&again(context), staging).await?;
    Ok((request.state, digest, (manifest, grant)))
}

async fn standing(centre: &Centre, digest: &str) -> Standing {
    let heads = centre.data.pack_heads(&operator()).await.unwrap();
    heads.iter().find(|head| head.digest == digest).map_or(Standing::Removed, |head| head.state)
}

on_both! {
    /// What is asked waits for whom it needs: two different people for the sensitive, neither of whom asked.
    async fn nobody_alone_lets_a_sensitive_version_act(centre) {
        let data = &centre.data;
        let both = person("both", EAST, &["security", "department-lead"], Level::L2);
        let (admin, lead) = (in_role("admin", "administrator"), in_role("lead", "department-lead"));
        let (state, digest, _) = stage(&centre, &admin, "1.0.0", true, None).await.unwrap();
        assert_eq!(state, RequestState::Open);
        let early = data.activate_pack(&again(&admin), &digest).await;
        assert!(matches!(&early, Err(Error::Conflict(text)) if text.contains("部门负责人")), "{early:?}");
        for refused in [&admin, &operator(), &clerk()] {
            let refused = data.answer_grant(&again(refused), &digest, true, "").await;
            assert!(matches!(refused, Err(Error::Denied(_))), "{refused:?}");
        }
        let half = data.answer_grant(&again(&both), &digest, true, "可以").await.unwrap();
        assert_eq!((half.state, half.awaited()), (RequestState::Open, vec![Approver::DepartmentLead]));
        let twice = data.answer_grant(&again(&both), &digest, true, "").await;
        assert!(matches!(twice, Err(Error::Conflict(_))), "{twice:?}");
        let through = OpContext {
            pack: Some(PackRef { name: "demo".into(), version: "1.0.0".into(), digest: digest.clone() }),
            ..again(&clerk())
        };
        assert!(matches!(data.open(&through).await.err(), Some(Error::Denied(_))), "no grant yet");
        let whole = data.answer_grant(&again(&lead), &digest, true, "可以").await.unwrap();
        assert_eq!((whole.state, whole.answers.len()), (RequestState::Approved, 2));
        assert!(data.open(&through).await.is_ok());
        data.activate_pack(&again(&admin), &digest).await.unwrap();
        assert_eq!(standing(&centre, &digest).await, Standing::Active);
        assert!(data.verify().await.unwrap().is_sound());
    }

    async fn who_asked_does_not_approve_and_a_refusal_ends_it(centre) {
        let data = &centre.data;
        // The policies keep the roles apart; where an integrator's do not, storage still does.
        let (state, digest, _) = stage(&centre, &operator(), "1.0.0", false, None).await.unwrap();
        assert_eq!(state, RequestState::Open);
        let security = in_role("security", "security");
        let lead = data.answer_grant(&in_role("lead", "department-lead"), &digest, true, "").await;
        assert!(matches!(&lead, Err(Error::Denied(text)) if text.contains("安全管理员")), "{lead:?}");
        let mute = data.answer_grant(&again(&security), &digest, false, " ").await;
        assert!(matches!(mute, Err(Error::Invalid(_))), "{mute:?}");
        let refused = data.answer_grant(&again(&security), &digest, false, "目的不明").await.unwrap();
        assert_eq!(refused.state, RequestState::Refused);
        assert!(matches!(data.activate_pack(&operator(), &digest).await, Err(Error::Conflict(_))));
        let (state, ..) = stage(&centre, &operator(), "1.0.0", false, None).await.unwrap();
        assert_eq!(state, RequestState::Open, "it may be asked anew");
    }

    /// An upgrade that asks for nothing more refers to the old approval; the one before decides again after it left.
    async fn an_upgrade_that_asks_nothing_more_needs_no_new_approval(centre) {
        let data = &centre.data;
        let (_, first, both) = stage(&centre, &operator(), "1.0.0", false, None).await.unwrap();
        data.answer_grant(&in_role("security", "security"), &first, true, "").await.unwrap();
        data.activate_pack(&operator(), &first).await.unwrap();
        let before = Some((&both, first.as_str()));
        let (state, second, _) = stage(&centre, &operator(), "1.1.0", false, before).await.unwrap();
        assert_eq!(state, RequestState::Approved);
        data.activate_pack(&again(&operator()), &second).await.unwrap();
        data.withdraw_pack(&again(&operator()), &second, "有误").await.unwrap();
        assert_eq!((standing(&centre, &first).await, standing(&centre, &second).await), (Standing::Active, Standing::Withdrawn));
        data.activate_pack(&again(&operator()), &second).await.unwrap();
        let (state, ..) = stage(&centre, &operator(), "1.2.0", true, before).await.unwrap();
        assert_eq!(state, RequestState::Open, "it asks for more");
        let other = stage(&centre, &operator(), "1.1.0", true, before).await;
        assert!(matches!(other, Err(Error::Conflict(_))), "another build of a version in use: {other:?}");
        assert!(data.verify().await.unwrap().is_sound());
    }

    /// An activation at an instant waits through a restart, and happens once.
    async fn an_activation_waits_for_its_instant(centre) {
        let (_, digest, _) = stage(&centre, &operator(), "1.0.0", false, None).await.unwrap();
        centre.data.answer_grant(&in_role("security", "security"), &digest, true, "").await.unwrap();
        let past = centre.data.schedule_activation(&again(&operator()), &digest, NOW).await;
        assert!(matches!(past, Err(Error::Invalid(_))), "{past:?}");
        let at = NOW.plus(60_000);
        centre.data.schedule_activation(&again(&operator()), &digest, at).await.unwrap();
        centre.restart().await;
        let data = &centre.data;
        assert!(data.due_activations(NOW).await.unwrap().is_empty());
        let due = data.due_activations(at).await.unwrap();
        assert_eq!(due.len(), 1);
        data.carry_out_activation(&again(&operator()), &due[0], None).await.unwrap();
        assert_eq!(standing(&centre, &digest).await, Standing::Active);
        let twice = data.carry_out_activation(&again(&operator()), &due[0], None).await;
        assert!(matches!(twice, Err(Error::Conflict(_))), "{twice:?}");
        // What cannot be activated at its instant says why.
        let (_, other, _) = stage(&centre, &operator(), "2.0.0", false, None).await.unwrap();
        data.answer_grant(&again(&in_role("security", "security")), &other, true, "").await.unwrap();
        data.schedule_activation(&again(&operator()), &other, at).await.unwrap();
        let due = data.due_activations(at).await.unwrap();
        let why = Error::Conflict("主题已被占用".into());
        data.carry_out_activation(&again(&operator()), &due[0], Some(&why)).await.unwrap();
        let failed = data.activations(&operator()).await.unwrap();
        assert_eq!(failed[0].state, ActivationState::Failed);
        assert!(failed[0].reason.as_ref().unwrap().contains("主题已被占用"));
        data.schedule_activation(&again(&operator()), &other, at).await.unwrap();
        data.cancel_activation(&again(&operator()), &other).await.unwrap();
        assert!(data.due_activations(at).await.unwrap().is_empty());
        assert!(data.verify().await.unwrap().is_sound());
    }
}
