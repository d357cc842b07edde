//! The gate's report as people read it: whole outputs of a project that passes and of one that does not, in each form, so
//! that a review sees when their words change.

use snapbox::{assert_data_eq, str};

use crate::check::{QUESTION, card, deployed, undeployed};
use crate::common::TestEnv;

/// The report in a form, with what differs from run to run taken out.
fn form(env: &TestEnv, form: &str, exit: i32) -> String {
    let output = env.run(&[&QUESTION[..], &["--format", form]].concat());
    assert_eq!((output.code, output.stderr.as_str()), (exit, ""), "{output}");
    let mut text = String::new();
    for line in output.stdout.lines() {
        text.push_str(&undated(line));
        text.push('\n');
    }
    text
}

/// A line with today's date and time as `[DATE]` and `[TIME]`.
fn undated(line: &str) -> String {
    let today = jiff::Timestamp::now().to_string();
    let Some((day, _)) = today.split_once('T') else { return line.to_owned() };
    match line.split_once(day) {
        Some((before, after)) if after.starts_with('T') && after.len() >= 9 => {
            format!("{before}[DATE]T[TIME]{}", &after[9..])
        }
        Some((before, after)) => format!("{before}[DATE]{after}"),
        None => line.to_owned(),
    }
}

/// A project that lacks much: no origin, a reservation, a waiver that has ended, one that holds.
fn failing() -> TestEnv {
    let env = undeployed(false);
    env.write("data/raccoon/robots.txt", "User-Agent: *\nContent-Usage: train-ai=n\n");
    let manifest = env.read("dgov.toml");
    let waiver = |rule: &str, year: u32| {
        format!(
            "[[training.waivers]]\nrule = \"{rule}\"\ndataset = \"raccoon\"\nreason = \"asked | on {year}-01-01\"\nexpires = \"{year}-06-30\"\n"
        )
    };
    env.write("dgov.toml", format!("{manifest}[training]\n{}{}", waiver("consent", 2099), waiver("origin", 2020)));
    env
}

/// The card of [`deployed`] and nothing else to find.
fn passing() -> TestEnv {
    let env = deployed();
    env.write("card.json", serde_json::to_vec_pretty(&card(true)).unwrap());
    env
}

#[test]
fn for_people() {
    assert_data_eq!(
        form(&passing(), "human", 0),
        str![[r#"
yes: may raccoon be used for train-generative, non-commercial, on [DATE]?

raccoon@1  train, CC-BY-NC-4.0: yes
  warning DG018 no license text lies with the data
          hint: put the license text beside the data
  note    DG019 there is no profile
          hint: run `dgov data profile`
  to observe: credit the source; no commercial use; pay 0.01 ETH

11 passed, 1 warning, 1 note, 6 not applicable
chain: `local` at block 18
dgov applies rules to declarations, texts and digests; it is no legal advice.

"#]]
    );
    assert_data_eq!(
        form(&failing(), "human", 1),
        str![[r#"
no: may raccoon be used for train-generative, non-commercial, on [DATE]?

raccoon  train, CC-BY-NC-4.0: no
  note    DG003 the card could say more: nothing says where the data comes from
          hint: run `dgov data card lint` and mend what it lists
  waived  DG008 robots.txt reserves rights: Content-Usage: train-ai=n
          waived until 2099-06-30 by nobody in particular (unsigned): asked | on 2099-01-01
  error   DG017 the card does not declare where the data comes from
          hint: say in the card where the data comes from: `dgov data card init` writes the fields to fill in
  warning DG018 no license text lies with the data
          hint: put the license text beside the data
  note    DG019 there is no profile
          hint: run `dgov data profile`
  error   DG020 the waiver of DG017 for raccoon does not count: it ended at 2020-06-30T00:00:00Z
          hint: sign it again with `dgov check waive`, or remove it

2 passed, 2 errors, 1 warning, 2 notes, 1 waived, 12 not applicable
chain: not applicable, nothing is deployed on network `local` yet
what now: mend each error as its hint says; in a project somebody may answer for one: `dgov check waive --help`
dgov applies rules to declarations, texts and digests; it is no legal advice.

"#]]
    );
}

#[test]
fn as_markdown() {
    assert_data_eq!(
        form(&passing(), "markdown", 0),
        str![[r#"
## dgov check: yes

may raccoon be used for train-generative, non-commercial, on [DATE]?

| dataset | rule | | finding | what to do |
| --- | --- | --- | --- | --- |
| raccoon | DG018 `license-file` | warning | no license text lies with the data | put the license text beside the data |
| raccoon | DG019 `profile` | note | there is no profile | run `dgov data profile` |

11 passed, 1 warning, 1 note, 6 not applicable.

chain: `local` at block 18.

_dgov applies rules to declarations, texts and digests; it is no legal advice._

"#]]
    );
    assert_data_eq!(
        form(&failing(), "markdown", 1),
        str![[r#"
## dgov check: no

may raccoon be used for train-generative, non-commercial, on [DATE]?

| dataset | rule | | finding | what to do |
| --- | --- | --- | --- | --- |
| raccoon | DG003 `card-valid` | note | the card could say more: nothing says where the data comes from | run `dgov data card lint` and mend what it lists |
| raccoon | DG008 `consent` | waived | robots.txt reserves rights: Content-Usage: train-ai=n | waived until 2099-06-30 by nobody in particular (unsigned): asked /| on 2099-01-01 |
| raccoon | DG017 `origin` | error | the card does not declare where the data comes from | say in the card where the data comes from: `dgov data card init` writes the fields to fill in |
| raccoon | DG018 `license-file` | warning | no license text lies with the data | put the license text beside the data |
| raccoon | DG019 `profile` | note | there is no profile | run `dgov data profile` |
| raccoon | DG020 `waiver` | error | the waiver of DG017 for raccoon does not count: it ended at 2020-06-30T00:00:00Z | sign it again with `dgov check waive`, or remove it |

2 passed, 2 errors, 1 warning, 2 notes, 1 waived, 12 not applicable.

chain: not applicable, nothing is deployed on network `local` yet.

what now: mend each error as its hint says; in a project somebody may answer for one: `dgov check waive --help`.

_dgov applies rules to declarations, texts and digests; it is no legal advice._

"#]]
    );
}

#[test]
fn as_junit() {
    assert_data_eq!(
        form(&passing(), "junit", 0),
        str![[r#"
<?xml version="1.0" encoding="UTF-8"?>
<testsuites name="dgov check" tests="19" failures="0" errors="0">
  <testsuite name="raccoon" tests="19" failures="0" errors="0" skipped="6" timestamp="[DATE]T[TIME]">
    <testcase name="DG001 pinned" classname="raccoon"/>
    <testcase name="DG002 registered" classname="raccoon"/>
    <testcase name="DG003 card-valid" classname="raccoon"/>
    <testcase name="DG004 card-on-chain" classname="raccoon"/>
    <testcase name="DG005 card-approved" classname="raccoon">
      <skipped message="publishers vouch for their cards"/>
    </testcase>
    <testcase name="DG006 license-text" classname="raccoon">
      <skipped message="there is no license text here"/>
    </testcase>
    <testcase name="DG007 purpose" classname="raccoon"/>
    <testcase name="DG008 consent" classname="raccoon">
      <skipped message="no opt-out list, no declarations, and no consents to look at"/>
    </testcase>
    <testcase name="DG009 bytes" classname="raccoon"/>
    <testcase name="DG010 status" classname="raccoon"/>
    <testcase name="DG011 eval-not-in-train" classname="raccoon">
      <skipped message="only evaluation sets are looked for"/>
    </testcase>
    <testcase name="DG012 pii" classname="raccoon">
      <skipped message="there is no profile"/>
    </testcase>
    <testcase name="DG013 duplicates" classname="raccoon"/>
    <testcase name="DG014 pass" classname="raccoon"/>
    <testcase name="DG015 dispute" classname="raccoon"/>
    <testcase name="DG016 expiry" classname="raccoon">
      <skipped message="nothing here ends"/>
    </testcase>
    <testcase name="DG017 origin" classname="raccoon"/>
    <testcase name="DG018 license-file" classname="raccoon">
      <system-out>raccoon: no license text lies with the data. Hint: put the license text beside the data.</system-out>
    </testcase>
    <testcase name="DG019 profile" classname="raccoon">
      <system-out>raccoon: there is no profile. Hint: run `dgov data profile`.</system-out>
    </testcase>
  </testsuite>
</testsuites>

"#]]
    );
    assert_data_eq!(
        form(&failing(), "junit", 1),
        str![[r#"
<?xml version="1.0" encoding="UTF-8"?>
<testsuites name="dgov check" tests="20" failures="2" errors="0">
  <testsuite name="raccoon" tests="20" failures="2" errors="0" skipped="12" timestamp="[DATE]T[TIME]">
    <testcase name="DG001 pinned" classname="raccoon">
      <skipped message="nothing is deployed on network `local` yet"/>
    </testcase>
    <testcase name="DG002 registered" classname="raccoon">
      <skipped message="nothing is deployed on network `local` yet"/>
    </testcase>
    <testcase name="DG003 card-valid" classname="raccoon">
      <system-out>raccoon: the card could say more: nothing says where the data comes from. Hint: run `dgov data card lint` and mend what it lists.</system-out>
    </testcase>
    <testcase name="DG004 card-on-chain" classname="raccoon">
      <skipped message="nothing is deployed on network `local` yet"/>
    </testcase>
    <testcase name="DG005 card-approved" classname="raccoon">
      <skipped message="nothing is deployed on network `local` yet"/>
    </testcase>
    <testcase name="DG006 license-text" classname="raccoon">
      <skipped message="there is no license text here"/>
    </testcase>
    <testcase name="DG007 purpose" classname="raccoon"/>
    <testcase name="DG008 consent" classname="raccoon">
      <system-out>raccoon: robots.txt reserves rights: Content-Usage: train-ai=n. waived until 2099-06-30 by nobody in particular (unsigned): asked | on 2099-01-01.</system-out>
    </testcase>
    <testcase name="DG009 bytes" classname="raccoon">
      <skipped message="nothing is pinned to compare with; they are bafybeiheb72yp6pp76foyy7u36yuxt3hzy2j7leekqxujpzvk332vz5hse"/>
    </testcase>
    <testcase name="DG010 status" classname="raccoon">
      <skipped message="nothing is deployed on network `local` yet"/>
    </testcase>
    <testcase name="DG011 eval-not-in-train" classname="raccoon">
      <skipped message="only evaluation sets are looked for"/>
    </testcase>
    <testcase name="DG012 pii" classname="raccoon">
      <skipped message="there is no profile"/>
    </testcase>
    <testcase name="DG013 duplicates" classname="raccoon"/>
    <testcase name="DG014 pass" classname="raccoon">
      <skipped message="nothing is deployed on network `local` yet"/>
    </testcase>
    <testcase name="DG015 dispute" classname="raccoon">
      <skipped message="nothing is deployed on network `local` yet"/>
    </testcase>
    <testcase name="DG016 expiry" classname="raccoon">
      <skipped message="nothing here ends"/>
    </testcase>
    <testcase name="DG017 origin" classname="raccoon">
      <failure message="raccoon: the card does not declare where the data comes from. Hint: say in the card where the data comes from: `dgov data card init` writes the fields to fill in." type="DG017">raccoon: the card does not declare where the data comes from. Hint: say in the card where the data comes from: `dgov data card init` writes the fields to fill in.</failure>
    </testcase>
    <testcase name="DG018 license-file" classname="raccoon">
      <system-out>raccoon: no license text lies with the data. Hint: put the license text beside the data.</system-out>
    </testcase>
    <testcase name="DG019 profile" classname="raccoon">
      <system-out>raccoon: there is no profile. Hint: run `dgov data profile`.</system-out>
    </testcase>
    <testcase name="DG020 waiver" classname="raccoon">
      <failure message="raccoon: the waiver of DG017 for raccoon does not count: it ended at 2020-06-30T00:00:00Z. Hint: sign it again with `dgov check waive`, or remove it." type="DG020">raccoon: the waiver of DG017 for raccoon does not count: it ended at 2020-06-30T00:00:00Z. Hint: sign it again with `dgov check waive`, or remove it.</failure>
    </testcase>
  </testsuite>
</testsuites>

"#]]
    );
}

/// The rules of the tool are those of `docs/rules.md`; here is what was found.
fn results(text: &str) -> String {
    let mut document: serde_json::Value = serde_json::from_str(text).unwrap();
    let rules = document["runs"][0]["tool"]["driver"]["rules"].take();
    assert_eq!(rules.as_array().unwrap().len(), 20);
    document["runs"][0]["tool"] = serde_json::Value::Null;
    format!("{document:#}\n")
}

#[test]
fn as_sarif() {
    assert_data_eq!(
        results(&form(&passing(), "sarif", 0)),
        str![[r#"
{
  "$schema": "https://json.schemastore.org/sarif-2.1.0.json",
  "version": "2.1.0",
  "runs": [
    {
      "tool": null,
      "invocations": [
        {
          "executionSuccessful": true,
          "exitCode": 0,
          "endTimeUtc": "[DATE]T[TIME]Z"
        }
      ],
      "results": [
        {
          "ruleId": "DG018",
          "ruleIndex": 17,
          "kind": "fail",
          "level": "warning",
          "message": {
            "text": "raccoon: no license text lies with the data. Hint: put the license text beside the data."
          },
          "partialFingerprints": {
            "dgov/v1": "DG018/raccoon"
          },
          "locations": [
            {
              "physicalLocation": {
                "artifactLocation": {
                  "uri": "dgov.toml"
                },
                "region": {
                  "startLine": 30
                }
              },
              "logicalLocations": [
                {
                  "name": "raccoon",
                  "kind": "resource"
                }
              ]
            }
          ]
        },
        {
          "ruleId": "DG019",
          "ruleIndex": 18,
          "kind": "fail",
          "level": "note",
          "message": {
            "text": "raccoon: there is no profile. Hint: run `dgov data profile`."
          },
          "partialFingerprints": {
            "dgov/v1": "DG019/raccoon"
          },
          "locations": [
            {
              "physicalLocation": {
                "artifactLocation": {
                  "uri": "dgov.toml"
                },
                "region": {
                  "startLine": 30
                }
              },
              "logicalLocations": [
                {
                  "name": "raccoon",
                  "kind": "resource"
                }
              ]
            }
          ]
        }
      ],
      "properties": {
        "decision": "yes",
        "purpose": "train-generative",
        "commercial": false,
        "disclaimer": "dgov applies rules to declarations, texts and digests; it is no legal advice."
      }
    }
  ]
}

"#]]
    );
    assert_data_eq!(
        results(&form(&failing(), "sarif", 1)),
        str![[r#"
{
  "$schema": "https://json.schemastore.org/sarif-2.1.0.json",
  "version": "2.1.0",
  "runs": [
    {
      "tool": null,
      "invocations": [
        {
          "executionSuccessful": true,
          "exitCode": 1,
          "endTimeUtc": "[DATE]T[TIME]Z"
        }
      ],
      "results": [
        {
          "ruleId": "DG003",
          "ruleIndex": 2,
          "kind": "fail",
          "level": "note",
          "message": {
            "text": "raccoon: the card could say more: nothing says where the data comes from. Hint: run `dgov data card lint` and mend what it lists."
          },
          "partialFingerprints": {
            "dgov/v1": "DG003/raccoon"
          },
          "locations": [
            {
              "physicalLocation": {
                "artifactLocation": {
                  "uri": "card.json"
                },
                "region": {
                  "startLine": 1
                }
              },
              "logicalLocations": [
                {
                  "name": "raccoon",
                  "kind": "resource"
                }
              ]
            }
          ]
        },
        {
          "ruleId": "DG008",
          "ruleIndex": 7,
          "kind": "fail",
          "level": "error",
          "message": {
            "text": "raccoon: robots.txt reserves rights: Content-Usage: train-ai=n. waived until 2099-06-30 by nobody in particular (unsigned): asked | on 2099-01-01."
          },
          "partialFingerprints": {
            "dgov/v1": "DG008/raccoon"
          },
          "locations": [
            {
              "physicalLocation": {
                "artifactLocation": {
                  "uri": "dgov.toml"
                },
                "region": {
                  "startLine": 30
                }
              },
              "logicalLocations": [
                {
                  "name": "raccoon",
                  "kind": "resource"
                }
              ]
            }
          ],
          "suppressions": [
            {
              "kind": "external",
              "status": "accepted",
              "justification": "asked | on 2099-01-01",
              "properties": {
                "expires": "2099-06-30T00:00:00Z",
                "signer": null
              }
            }
          ]
        },
        {
          "ruleId": "DG017",
          "ruleIndex": 16,
          "kind": "fail",
          "level": "error",
          "message": {
            "text": "raccoon: the card does not declare where the data comes from. Hint: say in the card where the data comes from: `dgov data card init` writes the fields to fill in."
          },
          "partialFingerprints": {
            "dgov/v1": "DG017/raccoon"
          },
          "locations": [
            {
              "physicalLocation": {
                "artifactLocation": {
                  "uri": "card.json"
                },
                "region": {
                  "startLine": 1
                }
              },
              "logicalLocations": [
                {
                  "name": "raccoon",
                  "kind": "resource"
                }
              ]
            }
          ]
        },
        {
          "ruleId": "DG018",
          "ruleIndex": 17,
          "kind": "fail",
          "level": "warning",
          "message": {
            "text": "raccoon: no license text lies with the data. Hint: put the license text beside the data."
          },
          "partialFingerprints": {
            "dgov/v1": "DG018/raccoon"
          },
          "locations": [
            {
              "physicalLocation": {
                "artifactLocation": {
                  "uri": "dgov.toml"
                },
                "region": {
                  "startLine": 30
                }
              },
              "logicalLocations": [
                {
                  "name": "raccoon",
                  "kind": "resource"
                }
              ]
            }
          ]
        },
        {
          "ruleId": "DG019",
          "ruleIndex": 18,
          "kind": "fail",
          "level": "note",
          "message": {
            "text": "raccoon: there is no profile. Hint: run `dgov data profile`."
          },
          "partialFingerprints": {
            "dgov/v1": "DG019/raccoon"
          },
          "locations": [
            {
              "physicalLocation": {
                "artifactLocation": {
                  "uri": "dgov.toml"
                },
                "region": {
                  "startLine": 30
                }
              },
              "logicalLocations": [
                {
                  "name": "raccoon",
                  "kind": "resource"
                }
              ]
            }
          ]
        },
        {
          "ruleId": "DG020",
          "ruleIndex": 19,
          "kind": "fail",
          "level": "error",
          "message": {
            "text": "raccoon: the waiver of DG017 for raccoon does not count: it ended at 2020-06-30T00:00:00Z. Hint: sign it again with `dgov check waive`, or remove it."
          },
          "partialFingerprints": {
            "dgov/v1": "DG020/raccoon"
          },
          "locations": [
            {
              "physicalLocation": {
                "artifactLocation": {
                  "uri": "dgov.toml"
                },
                "region": {
                  "startLine": 41
                }
              },
              "logicalLocations": [
                {
                  "name": "raccoon",
                  "kind": "resource"
                }
              ]
            }
          ]
        }
      ],
      "properties": {
        "decision": "no",
        "purpose": "train-generative",
        "commercial": false,
        "disclaimer": "dgov applies rules to declarations, texts and digests; it is no legal advice."
      }
    }
  ]
}

"#]]
    );
}

#[test]
fn what_nobody_could_look_at() {
    let env = passing();
    std::fs::remove_dir_all(env.dir().join(".dgov/chain")).unwrap();
    assert_data_eq!(
        form(&env, "human", 9),
        str![[r#"
cannot decide: may raccoon be used for train-generative, non-commercial, on [DATE]?

raccoon@1  train, CC-BY-NC-4.0: cannot decide
  unknown DG002 the embedded chain of network `local` is on another machine
  unknown DG004 the embedded chain of network `local` is on another machine
  unknown DG005 the embedded chain of network `local` is on another machine
  unknown DG010 the embedded chain of network `local` is on another machine
  unknown DG014 the embedded chain of network `local` is on another machine
  unknown DG015 the embedded chain of network `local` is on another machine
  warning DG018 no license text lies with the data
          hint: put the license text beside the data
  note    DG019 there is no profile
          hint: run `dgov data profile`

6 passed, 1 warning, 1 note, 6 unknown, 5 not applicable
chain: `local` could not be asked: the embedded chain of network `local` is on another machine
what now: what is unknown is no yes: make its source reachable, and check again
dgov applies rules to declarations, texts and digests; it is no legal advice.

"#]]
    );
}
