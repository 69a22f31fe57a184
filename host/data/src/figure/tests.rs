//! Somebody who knows everything but one bit of one person subtracts tables, in twenty thousand worlds.

use anshu_model::label::Level;

use super::*;

/// A small generator: what the worlds are like must not hang on the key that protects them.
struct Draw(u64);

impl Draw {
    fn next(&mut self) -> u64 {
        self.0 =
            self.0.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
        let high = self.0 >> 32;
        (high << 32) | (self.0.wrapping_mul(high | 1) >> 32)
    }

    fn within(&mut self, from: u64, to: u64) -> u64 {
        from + (self.next() >> 11) % (to - from)
    }

    /// Some records that nobody hides: their keys are as good as random, so their sum is.
    fn town(&mut self, count: u64) -> Tally {
        Tally { count, sum: self.next() }
    }
}

fn keeper() -> Keeper {
    Keeper {
        prf: Prf::new(b"the key of a test").unwrap(),
        protection: Shared::new(Protection::default()),
        cubes: Shared::new(Vec::new()),
    }
}

const WORLDS: u64 = 20_000;

/// The share of worlds in which a guess is right.
fn recovered(guess: impl Fn(&Keeper, &mut Draw, Tally, Tally) -> u64) -> f64 {
    let keeper = keeper();
    let mut draw = Draw(20_261_127);
    let mut right = 0_u32;
    for _ in 0..WORLDS {
        // Around the threshold as well as far above it.
        let known = draw.within(5, 60);
        let town = draw.town(known);
        let person = Tally { count: 1, sum: draw.next() };
        let bit = draw.within(0, 2);
        let mut real = town;
        if bit == 1 {
            real.add(person);
        }
        right += u32::from(guess(&keeper, &mut draw, town, real) == bit);
    }
    f64::from(right) / f64::from(u32::try_from(WORLDS).unwrap())
}

/// With and without one township: the county's figure less the other towns', less those who are known to be there.
#[test]
fn attack_28_a_county_less_its_other_towns_does_not_tell_of_one_person() {
    for others in [1, 2, 5] {
        let share = recovered(|keeper, draw, town, real| {
            let mut total = real;
            let mut rest = 0_i64;
            for _ in 0..others {
                let count = draw.within(40, 90);
                let other = draw.town(count);
                total.add(other);
                rest += i64::try_from(keeper.state(other, Level::L2).unwrap()).unwrap();
            }
            let stated = i64::try_from(keeper.state(total, Level::L2).unwrap()).unwrap();
            u64::from(stated - rest - i64::try_from(town.count).unwrap() >= 1)
        });
        assert!(share < 0.55, "{others} other towns: {share}");
    }
}

/// The best that can be done with the cell alone by who knows everybody else in it: which of the two worlds makes what is
/// seen likelier, suppression included.
#[test]
fn attack_28_the_cell_itself_does_not_tell_even_whom_everybody_else_is_known() {
    let protection = Protection::default();
    let bound = protection.noise.bound();
    let likely = |count: u64, seen: Option<u64>| {
        // All shifts are alike in the shipped table: of its 13, how many give what is seen.
        let shifts = -i64::try_from(bound).unwrap()..=i64::try_from(bound).unwrap();
        shifts
            .filter(|shift| {
                let shifted = count.saturating_add_signed(*shift);
                let stated =
                    (count > 0 && shifted >= protection.least(Level::L2)).then_some(shifted);
                stated == seen
            })
            .count()
    };
    let share = recovered(|keeper, draw, town, real| {
        let seen = keeper.state(real, Level::L2);
        let (without, with) = (likely(town.count, seen), likely(town.count + 1, seen));
        match with.cmp(&without) {
            std::cmp::Ordering::Greater => 1,
            std::cmp::Ordering::Less => 0,
            std::cmp::Ordering::Equal => draw.within(0, 2),
        }
    });
    assert!(share < 0.55, "{share}");
}

/// A test that cannot fail proves nothing: without noise, and with a sharp threshold, the same subtraction tells everything.
#[test]
fn without_noise_the_same_subtraction_tells_everything() {
    let share = recovered(|_, _, town, real| real.count - town.count);
    assert!((share - 1.0).abs() < f64::EPSILON);
}

/// The same records are the same figure, wherever they are asked for; one more or less is another draw.
#[test]
fn the_same_records_give_the_same_figure() {
    let keeper = keeper();
    let ids: Vec<Id> = (0..40).map(|at| Id::derived(&Id::from_text("row"), at)).collect();
    let of = |ids: &[&Id]| {
        let mut tally = Tally::default();
        for id in ids {
            tally.take(&keeper, id);
        }
        keeper.state(tally, Level::L2)
    };
    let forth: Vec<&Id> = ids.iter().collect();
    let back: Vec<&Id> = ids.iter().rev().collect();
    assert_eq!(of(&forth), of(&back));
    let one_less: Vec<Option<u64>> =
        (0..ids.len()).map(|out| of(&[&forth[..out], &forth[out + 1..]].concat())).collect();
    assert!(one_less.iter().any(|figure| *figure != of(&forth)));
    assert!(one_less.iter().collect::<std::collections::BTreeSet<_>>().len() > 4);
}
