//! A graph as an SVG picture: columns from what was used to what was made of it.

use std::collections::BTreeMap;
use std::fmt::Write;

use super::graph::{Graph, NodeKind};

const WIDTH: usize = 220;
const HEIGHT: usize = 48;
const GAP_X: usize = 90;
const GAP_Y: usize = 22;
const MARGIN: usize = 20;

/// The picture, with a title for readers of the screen in each node.
pub fn draw(graph: &Graph) -> String {
    let columns = columns(graph);
    let mut rows: BTreeMap<usize, usize> = BTreeMap::new();
    let mut places = BTreeMap::new();
    for (node, column) in graph.nodes.iter().zip(&columns) {
        let row = rows.entry(*column).or_default();
        let at = (MARGIN + column * (WIDTH + GAP_X), MARGIN + *row * (HEIGHT + GAP_Y));
        places.insert(node.id.as_str(), at);
        *row += 1;
    }
    let wide = columns.iter().max().map_or(0, |last| (last + 1) * (WIDTH + GAP_X) - GAP_X) + 2 * MARGIN;
    let high = rows.values().max().map_or(0, |most| most * (HEIGHT + GAP_Y) - GAP_Y) + 2 * MARGIN;
    let mut svg = format!(
        "<svg xmlns=\"http://www.w3.org/2000/svg\" viewBox=\"0 0 {wide} {high}\" width=\"{wide}\" height=\"{high}\" \
         font-family=\"sans-serif\" font-size=\"13\">\n<title>What was made from what</title>\n\
         <defs><marker id=\"tip\" viewBox=\"0 0 8 8\" refX=\"8\" refY=\"4\" markerWidth=\"8\" markerHeight=\"8\" \
         orient=\"auto\"><path d=\"M0 0L8 4L0 8z\" fill=\"#555\"/></marker></defs>\n"
    );
    // Writing to a String cannot fail.
    for edge in &graph.edges {
        let (Some((from_x, from_y)), Some((to_x, to_y))) =
            (places.get(edge.from.as_str()), places.get(edge.to.as_str()))
        else {
            continue;
        };
        let (x1, y1, x2, y2) = (from_x + WIDTH, from_y + HEIGHT / 2, *to_x, to_y + HEIGHT / 2);
        let bend = GAP_X / 2;
        let _ = writeln!(
            svg,
            "<path d=\"M{x1} {y1}C{} {y1} {} {y2} {x2} {y2}\" fill=\"none\" stroke=\"#555\" marker-end=\"url(#tip)\">\
             <title>{}</title></path>",
            x1 + bend,
            x2.saturating_sub(bend),
            escape(&edge.relation)
        );
    }
    for node in &graph.nodes {
        let (x, y) = places[node.id.as_str()];
        let (fill, round) = match node.kind {
            NodeKind::Dataset => ("#e8f1fb", 4),
            NodeKind::Model => ("#fdf0dc", HEIGHT / 2),
        };
        let short: String = node.id.chars().take(18).collect();
        let _ = writeln!(
            svg,
            "<g><title>{id} ({source})</title><rect x=\"{x}\" y=\"{y}\" width=\"{WIDTH}\" height=\"{HEIGHT}\" rx=\"{round}\" \
             fill=\"{fill}\" stroke=\"#555\"/><text x=\"{middle}\" y=\"{line1}\" text-anchor=\"middle\">{label}</text>\
             <text x=\"{middle}\" y=\"{line2}\" text-anchor=\"middle\" font-size=\"10\" fill=\"#555\">{short}…</text></g>",
            id = escape(&node.id),
            source = escape(&node.source),
            middle = x + WIDTH / 2,
            line1 = y + 20,
            line2 = y + 37,
            label = escape(&shortened(&node.label)),
            short = escape(&short),
        );
    }
    svg.push_str("</svg>\n");
    svg
}

/// The column of each node: one more than the last of what it was made of. A cycle, which nothing honest has, ends.
fn columns(graph: &Graph) -> Vec<usize> {
    let index: BTreeMap<&str, usize> =
        graph.nodes.iter().enumerate().map(|(index, node)| (node.id.as_str(), index)).collect();
    let mut columns = vec![0; graph.nodes.len()];
    for _ in 0..graph.nodes.len() {
        let mut changed = false;
        for edge in &graph.edges {
            let (Some(from), Some(to)) = (index.get(edge.from.as_str()), index.get(edge.to.as_str())) else { continue };
            if columns[*to] <= columns[*from] && columns[*from] + 1 < graph.nodes.len() {
                columns[*to] = columns[*from] + 1;
                changed = true;
            }
        }
        if !changed {
            break;
        }
    }
    columns
}

fn shortened(label: &str) -> String {
    if label.chars().count() <= 28 { label.to_owned() } else { label.chars().take(27).chain(['…']).collect() }
}

/// Names come from manifests and receipts of anybody.
fn escape(text: &str) -> String {
    let mut escaped = String::with_capacity(text.len());
    for c in text.chars() {
        match c {
            '<' => escaped.push_str("&lt;"),
            '>' => escaped.push_str("&gt;"),
            '&' => escaped.push_str("&amp;"),
            '"' => escaped.push_str("&quot;"),
            c if c.is_control() => {}
            c => escaped.push(c),
        }
    }
    escaped
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::ops::report::graph::{Edge, Node};

    fn node(id: &str, kind: NodeKind) -> Node {
        Node { id: id.into(), label: format!("<{id}>"), kind, source: "dgov.lock".into() }
    }

    fn edge(from: &str, to: &str) -> Edge {
        Edge { from: from.into(), to: to.into(), relation: "derived".into() }
    }

    #[test]
    fn sources_stand_left_of_what_was_made_of_them_and_names_are_text() {
        let graph = Graph {
            nodes: vec![node("m", NodeKind::Model), node("b", NodeKind::Dataset), node("a", NodeKind::Dataset)],
            edges: vec![edge("a", "b"), edge("a", "m"), edge("b", "m")],
        };
        assert_eq!(columns(&graph), [2, 1, 0]);
        let svg = draw(&graph);
        assert!(svg.contains("&lt;m&gt;") && !svg.contains("<m>"), "{svg}");
        assert_eq!(svg.matches("<path d=\"M").count(), 4);
        let cycle = Graph { edges: vec![edge("a", "b"), edge("b", "a")], ..graph };
        assert!(draw(&cycle).ends_with("</svg>\n"));
    }
}
