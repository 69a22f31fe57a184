//! Golden cases (样例), run by the same code as in a centre.

use crate::kit::Kit;
use crate::{fail, must};

impl Kit {
    /// Runs the golden cases of every installed pack, and ends the test with all that did not come out as they say.
    /// Answers how many there were.
    #[track_caller]
    pub fn run_golden(&self) -> usize {
        let mut wrong = Vec::new();
        let mut count = 0;
        for pack in self.packs() {
            let golden = must("样例", self.golden(pack));
            count += usize::try_from(golden.cases).unwrap_or(usize::MAX);
            for case in golden.wrong {
                wrong.push(format!("“{}”：{}", case.case, case.problems.join("；")));
            }
        }
        if !wrong.is_empty() {
            fail(&format!("{count} 个样例中有不符：\n  {}", wrong.join("\n  ")));
        }
        count
    }
}
