//! Dossiers: made by an auditor, verified without the centre, and refused when one byte is not as it was.

use anshu_data::log::dossier::verify;
use anshu_data::log::note::Verifier;
use anshu_data::log::policy::Policy;
use anshu_model::Error;
use anshu_model::case::Party;
use anshu_model::effect::Change;
use anshu_model::record::Record;

use crate::audit::work;
use crate::centre::{
    Centre, EAST, again, case, change, citizen, clerk, create, line, on_both, triage,
};
use crate::log::{auditor, forked, submit, witness};
use crate::packs::{action, commit, install, through};

/// A matter with a party, a decision, lines of host and staff, and somebody who looked.
pub(crate) async fn matter(centre: &Centre) -> Record {
    install(centre).await;
    let who = citizen(EAST, "east", "样例独特名", "999999199001010019");
    let record = case(EAST, "east", "样例独特题");
    centre.data.act(&clerk(), vec![create(&who), create(&record)], "登记").await.unwrap();
    let party = Party { entity: who.head.id.clone(), role: "当事人".into() };
    centre
        .data
        .act(&again(&clerk()), vec![change(&record, 1, Change::AddParty { party })], "关联")
        .await
        .unwrap();
    let steps = vec![triage(&record, 2), line(&record, "样例独特话")];
    centre.data.act(&again(&clerk()), steps, "分流").await.unwrap();
    commit(centre, &through(&clerk()), action(), vec![], vec![line(&record, "样例独特决定")])
        .await
        .unwrap();
    centre.data.record(&again(&clerk()), &record.head.id).await.unwrap();
    work(centre, 5).await;
    record
}

async fn dossier(centre: &Centre, record: &Record) -> String {
    let draft = centre.data.begin_dossier(&again(&auditor()), &record.head.id).await.unwrap();
    centre.data.seal_dossier(draft).await.unwrap()
}

on_both! {
    async fn a_dossier_is_verified_by_its_file_and_the_key_alone(centre) {
        let record = matter(&centre).await;
        let id = &record.head.id;
        let outline = centre.data.outline_dossier(&auditor(), id).await.unwrap();
        assert_eq!((outline.records, outline.versions, outline.decisions), (2, 4, 1), "{outline:?}");
        assert!(outline.lines >= 5 && outline.covered == 2 && outline.leaves >= 5, "{outline:?}");
        let text = dossier(&centre, &record).await;
        for personal in ["样例独特", "999999199001010019", "13900001234"] {
            assert!(!text.contains(personal), "{personal} stands in the dossier");
        }
        let policy = Policy::of(Verifier::parse(&centre.data.public_key()).unwrap());
        let report = verify(text.as_bytes(), &policy);
        assert_eq!(report.wrong, None);
        assert_eq!((report.records, report.versions, report.decisions, report.lines), (2, 4, 1, outline.lines));
        // The preview is a leaf that serves it too, and so is the export.
        assert_eq!(report.leaves, outline.leaves + 1);
        assert_eq!(report.matter, id.as_str());
        assert!(report.told().iter().any(|line| line.contains("校验通过")));
        // Another's key does not open it.
        let other = Centre::sqlite().await;
        let stranger = Policy::of(Verifier::parse(&other.data.public_key()).unwrap());
        assert!(!verify(text.as_bytes(), &stranger).is_sound());
        // Only auditors; only matters that are there.
        assert!(matches!(centre.data.begin_dossier(&again(&clerk()), id).await, Err(Error::Denied(_))));
        let none = anshu_model::Id::from_text("none");
        assert!(matches!(centre.data.begin_dossier(&again(&auditor()), &none).await, Err(Error::NotFound(_))));
        assert!(centre.data.verify().await.unwrap().is_sound());
    }

    async fn each_byte_of_a_dossier_counts(centre) {
        let record = matter(&centre).await;
        let text = dossier(&centre, &record).await;
        let policy = Policy::of(Verifier::parse(&centre.data.public_key()).unwrap());
        assert!(verify(text.as_bytes(), &policy).is_sound());
        let bytes = text.as_bytes();
        // All of the beginning and the end, and every so many in between.
        let middle = (300..bytes.len().saturating_sub(300)).step_by(bytes.len() / 400 + 1);
        for at in (0..300).chain(middle).chain(bytes.len() - 300..bytes.len()) {
            let mut bad = bytes.to_vec();
            bad[at] ^= 0x01;
            let found = verify(&bad, &policy);
            assert!(found.wrong.as_ref().is_some_and(|wrong| !wrong.is_empty()), "byte {at} of {}", bytes.len());
        }
        // Cut, doubled, and with something after the seal.
        for bad in [text[..text.len() / 2].to_owned(), format!("{text}{text}"), format!("{text}x"), format!("{text}\n"), String::new()] {
            assert!(!verify(bad.as_bytes(), &policy).is_sound());
        }
        let seal = text.lines().last().unwrap();
        assert!(!verify(format!("{text}{seal}\n").as_bytes(), &policy).is_sound());
    }

    /// Whoever holds the log's key makes a dossier out of a history of their own: the witnesses have not seen it.
    async fn attack_42_a_dossier_of_another_history_is_refused(centre) {
        let folder = tempfile::tempdir().unwrap();
        let witness = witness(folder.path(), &centre.data);
        let record = matter(&centre).await;
        let draft = centre.data.begin_dossier(&again(&auditor()), &record.head.id).await.unwrap();
        submit(&centre.data, &witness).await.unwrap();
        work(&centre, 1).await;
        let text = centre.data.seal_dossier(draft).await.unwrap();
        let log = Verifier::parse(&centre.data.public_key()).unwrap();
        let policy = Policy::at_least(log.clone(), &[witness.verifier()], 1);
        let report = verify(text.as_bytes(), &policy);
        assert_eq!((report.wrong, report.cosigned.len()), (None, 1));
        let fork = forked(&centre).await;
        let other = matter(&fork).await;
        let forged = dossier(&fork, &other).await;
        assert!(verify(forged.as_bytes(), &Policy::of(log)).is_sound(), "by the log's key alone it is whole");
        let wrong = verify(forged.as_bytes(), &policy).wrong.unwrap();
        assert!(wrong.contains("见证方"), "{wrong}");
    }
}
