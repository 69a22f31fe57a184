use super::*;

fn columns() -> Vec<Column> {
    let numbered = Column::Identifier("resident-id".into());
    let phone = Column::Attribute("demo.room".into(), "phone".into());
    vec![Column::Id, Column::Title, numbered, phone, Column::Division]
}

fn rows(count: usize) -> Vec<Vec<String>> {
    let row = |at: usize| {
        let id = Id::derived(&Id::from_text("row"), u64::try_from(at).unwrap());
        let phone = format!("139{at:08}");
        vec![id.to_string(), "样例丙".into(), "999999199001010019".into(), phone, "渝中区".into()]
    };
    (0..count).map(row).collect()
}

fn key() -> Prf {
    Prf::new(b"the key of a test").unwrap()
}

/// A small generator of its own: which fifth of the rows leaks must not hang on what marks them.
fn fifth(rows: &[Vec<String>], mut seed: u64) -> Vec<Vec<String>> {
    let mut draw = || {
        seed = seed.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
        seed >> 33
    };
    rows.iter().filter(|_| draw() % 5 == 0).cloned().collect()
}

/// Forty people export the same list of two hundred. A random fifth of any one's copy names that one, and nobody else.
#[test]
fn attack_31_a_fifth_of_a_copy_names_its_recipient() {
    let key = key();
    let copies: Vec<Watermarked> = (0..40)
        .map(|ticket| mark(&key, &format!("EX-{ticket}"), &columns(), rows(200)).unwrap())
        .collect();
    for (whose, copy) in copies.iter().enumerate() {
        for seed in 0..5 {
            let leaked = fifth(&copy.rows, seed * 97 + u64::try_from(whose).unwrap());
            let sure: Vec<usize> = copies
                .iter()
                .enumerate()
                .filter(|(_, other)| compare(&key, &leaked, &other.prints).is_sure())
                .map(|(at, _)| at)
                .collect();
            assert_eq!(sure, [whose], "{} rows leaked", leaked.len());
        }
    }
}

/// Without the rows that are nobody's the order still tells; without the order those rows do.
#[test]
fn attack_31_each_mark_tells_without_the_other() {
    let key = key();
    let (mine, other) = (
        mark(&key, "EX-1", &columns(), rows(400)).unwrap(),
        mark(&key, "EX-2", &columns(), rows(400)).unwrap(),
    );
    let real: BTreeSet<String> = rows(400).into_iter().map(|row| row[0].clone()).collect();
    let stripped: Vec<_> = mine.rows.iter().filter(|row| real.contains(&row[0])).cloned().collect();
    let leaked = fifth(&stripped, 11);
    assert!(compare(&key, &leaked, &mine.prints).is_sure());
    assert!(!compare(&key, &leaked, &other.prints).is_sure());
    let mut sorted = mine.rows.clone();
    sorted.sort();
    let found = compare(&key, &sorted, &mine.prints);
    assert!(found.nobody > 0 && found.is_sure());
    assert_eq!(compare(&key, &sorted, &other.prints).nobody, 0);
    // Only the ids are left: they are enough.
    let ids: Vec<_> = sorted.iter().map(|row| vec![row[0].clone()]).collect();
    assert!(compare(&key, &ids, &mine.prints).nobody > 0);
}

#[test]
fn what_is_nobodys_can_never_be_real() {
    let marked = mark(&key(), "EX-1", &columns(), rows(100)).unwrap();
    let real: BTreeSet<String> = rows(100).into_iter().map(|row| row[0].clone()).collect();
    let nobody: Vec<_> = marked.rows.iter().filter(|row| !real.contains(&row[0])).collect();
    assert_eq!((nobody.len(), marked.nobody, marked.rows.len()), (5, 5, 105));
    for row in nobody {
        assert!(row[2].starts_with("99") && row[2].len() == 18, "{row:?}");
        assert!(row[3].starts_with("100") && row[3].len() == 11, "{row:?}");
    }
    let none = mark(&key(), "EX-1", &columns(), Vec::new()).unwrap();
    assert_eq!((none.rows.len(), none.nobody), (0, 0));
}

#[test]
fn masks_stay_masks() {
    let own = key();
    let digits = Digits { own: &own, which: 0_usize.to_be_bytes(), at: 1 };
    assert!(digits.from("139****1234", "100").starts_with("100****"));
    assert!(number(&digits, "500**************9").starts_with("99"));
    assert!(name(&own, b"0", "样*").ends_with('*'));
}
