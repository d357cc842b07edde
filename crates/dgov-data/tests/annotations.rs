//! Images with COCO documents, tables of labels and Pascal VOC: keys by their definition, facts, documents that contradict
//! themselves.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, clippy::print_stderr, missing_docs)]

mod common;

use common::{Folder, read, rows};
use dgov_data::records::{RecordFormat, detect};
use dgov_data::unixfs::{Options, plan};
use serde_json::{Value, json};

fn format(annotations: &str) -> RecordFormat {
    RecordFormat::ImageAnnotations { images: None, annotations: annotations.to_owned() }
}

fn gif(width: u8, height: u8) -> Vec<u8> {
    [&b"GIF89a"[..], &[width, 0, height, 0, 0, 0, 0]].concat()
}

/// A folder with three images of 40 x 30 pixels.
fn images() -> Folder {
    let folder = Folder::new();
    for (name, height) in [("a", 30), ("b", 30), ("c", 31)] {
        folder.write(&format!("images/{name}.gif"), gif(40, height));
    }
    folder
}

/// A COCO document of two images, and what a test changes about it.
fn coco(change: impl FnOnce(&mut Value)) -> String {
    let mut document = json!({
        "images": [{"id": 1, "file_name": "a.gif", "width": 40, "height": 30}, {"id": 2, "file_name": "c.gif", "width": 40, "height": 30}],
        "annotations": [
            {"id": 1, "image_id": 1, "category_id": 5, "bbox": [0, 0, 40.5, 30]},
            {"id": 2, "image_id": 1, "category_id": 6, "bbox": [39, 29, 3, 1]},
            {"id": 3, "image_id": 2, "category_id": 5, "bbox": [1, 1, 0, 1]}
        ],
        "categories": [{"id": 5, "name": "cat"}, {"id": 6, "name": "dog"}]
    });
    change(&mut document);
    document.to_string()
}

/// Why a folder of images with this document has no records.
fn refused(name: &str, document: impl AsRef<[u8]>) -> String {
    let folder = images();
    folder.write(name, document);
    read(&folder, &format(name)).map(|_| ()).expect_err("a document that has to be refused").to_string()
}

#[test]
fn records_have_the_keys_that_another_implementation_computes() {
    let vectors: Value = serde_json::from_str(include_str!("vectors/annotations.json")).unwrap();
    let sets = vectors["sets"].as_object().unwrap();
    assert_eq!(sets.len(), 4);
    for (name, set) in sets {
        let folder = Folder::new();
        for (path, content) in vectors["images"].as_object().unwrap() {
            folder.write(path, content.as_str().unwrap());
        }
        for (document, content) in set["documents"].as_object().unwrap() {
            folder.write(&format!("annotations/{document}"), content.as_str().unwrap());
        }
        let (_, found) = read(&folder, &format("annotations/*")).unwrap_or_else(|error| panic!("{name}: {error}"));
        let keys: Vec<_> = found.records().iter().map(|record| record.key.to_string()).collect();
        assert_eq!(json!(keys), set["keys"], "{name}");
        assert!(found.unmatched().is_empty());
        assert!(keys.iter().all(|key| keys.iter().filter(|other| *other == key).count() == 1));
    }
    assert_eq!(sets["coco"]["keys"][1], sets["renumbered"]["keys"][1]);
}

#[test]
fn a_change_of_an_annotation_changes_the_key_of_its_image_and_of_no_other() {
    let keys = |change: &dyn Fn(&mut Value)| {
        let folder = images();
        folder.write("annotations/x.json", coco(|document| change(document)));
        let set = read(&folder, &format("annotations/*.json")).unwrap().1;
        set.records().iter().map(|record| record.key).collect::<Vec<_>>()
    };
    let before = keys(&|_| ());
    for (path, value, changed) in [
        ("/annotations/0/bbox/0", json!(0.1), [true, false, false]),
        ("/annotations/2/category_id", json!(6), [false, false, true]),
        ("/annotations/2/image_id", json!(1), [true, false, true]),
        ("/annotations/1/id", json!(77), [false; 3]),
        ("/images/0/width", json!(41), [true, false, false]),
        ("/images/1/file_name", json!("b.gif"), [false, true, true]),
        ("/categories/1/name", json!("wolf"), [true, false, false]),
        ("/categories/1/supercategory", json!("wolf"), [false; 3]),
    ] {
        let after = keys(&|document| {
            let (parent, name) = path.rsplit_once('/').unwrap();
            match document.pointer_mut(parent).unwrap() {
                Value::Array(list) => list[name.parse::<usize>().unwrap()] = value.clone(),
                other => other[name] = value.clone(),
            }
        });
        assert_eq!(before.iter().zip(&after).map(|(a, b)| a != b).collect::<Vec<_>>(), changed, "{path}");
    }
}

#[test]
fn facts_of_coco_tables_and_voc() {
    let of = |name: &str, document: &str| {
        let folder = images();
        folder.write(name, document);
        let all = rows(&folder, &format(name)).unwrap();
        all.into_iter().map(|row| row.2[5..].join(" ")).collect::<Vec<_>>()
    };
    let facts = |objects: &str, boxes: u64, outside: u64, size: &str| {
        let count = objects.matches("String").count();
        format!(
            "objects=Integer({count}) classes=Nested(Array [{objects}]) boxes=Integer({boxes}) boxes_outside=Integer({outside}) size_as_annotated={size}"
        )
    };
    let (cat, both) = ("String(\"cat\")", "String(\"cat\"), String(\"dog\")");
    let expected = [facts(both, 2, 1, "Bool(true)"), String::new(), facts(cat, 1, 1, "Bool(false)")];
    assert_eq!(of("annotations/x.json", &coco(|_| ())), expected);
    let table = "file_name,label,xmin,ymin,xmax,ymax,width,height\nimages/a.gif,cat,0,0,40.5,30,40,30\na.gif,dog,39,29,42,30,40,30\nc.gif,cat,1,1,1,2,40,30\n";
    assert_eq!(of("labels.csv", table), expected);
    assert_eq!(of("labels.tsv", "label\timage\ncat\ta.gif\n")[0], facts(cat, 0, 0, "Null"));
    let voc = "<?xml version=\"1.0\"?><annotation><size><width>40</width><height>30</height></size>\
        <object><name>cat</name><part><name>ear</name></part><bndbox><xmin>0</xmin><ymin>0</ymin><xmax>40.5</xmax><ymax>30</ymax></bndbox></object>\
        <object><name>do&#103;</name><bndbox><xmin>39</xmin><ymin>29</ymin><xmax>42</xmax><ymax>30</ymax></bndbox></object></annotation>\n";
    assert_eq!(of("images/a.xml", voc)[0], expected[0]);
    assert_eq!(of("images/a.xml", "<svg/>")[0], facts("", 0, 0, "Null"));
    assert!(
        of("images/a.json", "{\"shapes\": []}").iter().all(String::is_empty),
        "a document of one image is not COCO"
    );
}

#[test]
fn broken_voc_documents_are_errors_of_the_profile() {
    for (document, reason) in [
        ("<annotation><size>", "ends within an element"),
        ("<annotation></size></annotation>", "size"),
        ("<annotation>&nope;</annotation>", "unknown entity \"nope\""),
        ("<annotation><size><width>x</width></size></annotation>", "annotation/size/width: \"x\" is no number"),
        ("<annotation><size><width>inf</width></size></annotation>", "no number"),
        (&"<a>".repeat(1_000), "nested more than 64 deep"),
    ] {
        let folder = images();
        folder.write("annotations/a.xml", document);
        let error = rows(&folder, &format("annotations/*.xml")).expect_err(document).to_string();
        assert!(error.starts_with("annotations/a.xml, byte ") && error.contains(reason), "{document}: {error}");
    }
}

#[test]
fn coco_documents_that_contradict_themselves_are_refused_with_their_place() {
    let changed = |path: &str, value: Value| {
        coco(|document| match document.pointer_mut(path) {
            Some(place) => *place = value,
            None => panic!("{path}"),
        })
    };
    for (document, reason) in [
        (changed("/images/1/id", json!(1)), "a second image 1"),
        (changed("/images/1/id", json!(null)), "an image without `id`"),
        (changed("/images/1/file_name", json!(7)), "without `file_name`"),
        (changed("/images/1/file_name", json!("x.gif")), "there is no image \"x.gif\""),
        (changed("/images/1/file_name", json!("../images/c.gif")), "there is no image"),
        (changed("/images/1/file_name", json!("images/a.gif")), "was there before"),
        (changed("/annotations/1/image_id", json!(3)), "an annotation of image 3, which"),
        (changed("/annotations/1/image_id", json!("1")), "an annotation of image \"1\", which"),
        (changed("/annotations/1/category_id", json!(7)), "an annotation of category 7, which"),
        (changed("/annotations/1/bbox", json!([1, 2, 3])), "not four numbers"),
        (changed("/annotations/1", json!(7)), "an annotation is no object"),
        (changed("/categories/1/id", json!(5)), "a second category 5"),
        (changed("/categories/1/name", json!(5)), "category 6, without `name`"),
        (changed("/images", json!({})), "not expected here"),
        ("[]".into(), "not expected here"),
        ("{}".into(), "no COCO document"),
        (String::new(), "ends within"),
        ("{\"images\": [], \"images\": []}".into(), "a second list of images"),
        ("{\"images\": [{\"id\": 1, \"id\": 1}]}".into(), "two members are named \"id\""),
        ("{\"images\": []} {}".into(), "something follows"),
        ("{\"images\": [],}".into(), "not expected here"),
        ("{\"images\": [,]}".into(), "an image is no object"),
        ("{\"info\": 01}".into(), "a number that is none"),
        ("{\"info\": 1e999}".into(), "too large"),
        ("{\"info\": \"\\ud800\"}".into(), "half a character"),
        ("{\"info\": \"\t\"}".into(), "control character"),
        ("{\"info\": nul}".into(), "not expected here"),
        (format!("{{\"info\": {}", "[".repeat(100_000)), "nested more than 64 deep"),
        (format!("{{\"info\": \"{}\"}}", "x".repeat(9 << 20)), "more than 8 MiB"),
    ] {
        let error = refused("x.json", &document);
        assert!(error.starts_with("x.json, byte ") && error.contains(reason), "{reason}: {error}");
    }
    let whole = coco(|_| ());
    for length in 0..whole.len() {
        assert!(refused("x.json", &whole[..length]).starts_with("x.json, "), "cut at {length}");
    }
    assert!(refused("x.json", b"{\"info\": \"\xff\"}").contains("UTF-8"));
}

#[test]
fn tables_that_name_no_image_are_refused_and_names_have_one_meaning() {
    assert!(refused("x.csv", "file_name\na.gif\nd.gif\n").contains("x.csv, row 2: there is no image \"d.gif\""));
    assert!(refused("x.csv", "name,label\na.gif,cat\n").contains("row 1: no column names the image"));
    assert!(refused("x.csv", "file_name\na.gif,1\n").contains("x.csv, line 2"));
    let folder = images();
    folder.write("val/a.gif", gif(1, 1));
    folder.write("labels.csv", "image\na.gif\n");
    let error = read(&folder, &format("*.csv")).map(|_| ()).unwrap_err().to_string();
    assert!(error.contains("\"a.gif\" may be images/a.gif or val/a.gif"), "{error}");
    std::fs::rename(folder.path().join("labels.csv"), folder.path().join("val/labels.csv")).unwrap();
    let all = rows(&folder, &format("val/*.csv")).unwrap();
    assert_eq!(all.iter().map(|row| row.2.len()).collect::<Vec<_>>(), [5, 5, 5, 10], "the one in its own folder");
}

#[test]
fn coco_layouts_are_detected() {
    let folder = images();
    folder.write("annotations/x.json", "");
    assert_eq!(detect(&plan(&folder.path(), &Options::default()).unwrap()), format("annotations/*.json"));
    folder.write("annotations/a.xml", "");
    assert_eq!(detect(&plan(&folder.path(), &Options::default()).unwrap()), format("annotations/*.xml"));
}

/// The real set: its table of labels says of each image what its Pascal VOC document says.
#[test]
fn the_table_of_raccoon_says_what_its_documents_say() {
    let beside = concat!(env!("CARGO_MANIFEST_DIR"), "/../../../shared/data").to_owned();
    let root = camino::Utf8PathBuf::from(std::env::var("DGOV_TEST_DATA").unwrap_or(beside)).join("raccoon");
    if !root.exists() {
        eprintln!("SKIPPED: no real data at {root}; set DGOV_TEST_DATA");
        return;
    }
    let of = |annotations: &str| {
        let format = format(annotations);
        let plan = plan(&root, &Options::default()).unwrap();
        let (package, set) = dgov_data::records::read(plan, &format, &(), &|_| ()).unwrap();
        let mut facts = Vec::new();
        for file in 0..package.entries().len() {
            dgov_data::records::rows(&package, &set, &format, file, &mut |row: dgov_data::records::Row<'_>| {
                facts.push(row.fields.iter().map(|field| format!("{field:?}")).collect::<Vec<_>>());
                Ok::<_, dgov_data::records::RecordError>(())
            })
            .unwrap();
        }
        facts
    };
    let (table, documents) = (of("data/raccoon_labels.csv"), of("annotations/*.xml"));
    assert_eq!((table.len(), documents.len()), (200, 200));
    assert!(documents.iter().all(|fields| fields.len() == 10));
    assert_eq!(table, documents);
}
