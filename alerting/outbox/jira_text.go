package outbox

import "strings"

// adfRoot is a text in the Atlassian Document Format
// (developer.atlassian.com/cloud/jira/platform/apis/document/structure): what a
// node of it holds is never markup.
type adfRoot struct {
	Version int       `json:"version"`
	Type    string    `json:"type"`
	Content []adfNode `json:"content"`
}

// adfNode is a paragraph, a text in it or a line break.
type adfNode struct {
	Type    string    `json:"type"`
	Text    string    `json:"text,omitempty"`
	Marks   []adfMark `json:"marks,omitempty"`
	Content []adfNode `json:"content,omitempty"`
}

// adfMark is what is special about a text.
type adfMark struct {
	Type  string            `json:"type"`
	Attrs map[string]string `json:"attrs,omitempty"`
}

// adfDocument makes paragraphs of a plain text: an empty line parts them, a line
// break stays one. The line that is the link, where there is one, can be
// followed; no other address can, for it may come from a packet.
func adfDocument(text, link string) adfRoot {
	doc := adfRoot{Version: 1, Type: "doc", Content: []adfNode{}}
	var paragraph []adfNode
	end := func() {
		if len(paragraph) > 0 {
			doc.Content = append(doc.Content, adfNode{Type: "paragraph", Content: paragraph})
			paragraph = nil
		}
	}
	for line := range strings.SplitSeq(text, "\n") {
		if strings.TrimSpace(line) == "" {
			end()
			continue
		}
		if len(paragraph) > 0 {
			paragraph = append(paragraph, adfNode{Type: "hardBreak"})
		}
		node := adfNode{Type: "text", Text: line}
		if link != "" && line == link {
			node.Marks = []adfMark{{Type: "link", Attrs: map[string]string{"href": link}}}
		}
		paragraph = append(paragraph, node)
	}
	end()
	return doc
}

// wikiText makes wiki markup of a plain text, of which nothing is markup: it
// stands between two {noformat}, and one that it holds itself is broken by a
// space without width. A link that ends the text stands behind it, where it can
// be followed.
func wikiText(text, link string) string {
	rest, ends := strings.CutSuffix(text, "\n"+link)
	ends = ends && link != ""
	if ends {
		text = strings.TrimRight(rest, "\n")
	}
	text = "{noformat}\n" + strings.ReplaceAll(text, "{noformat", "{\u200Bnoformat") + "\n{noformat}"
	if ends {
		text += "\n[" + strings.NewReplacer("|", "%7C", "]", "%5D").Replace(link) + "]"
	}
	return text
}
