package outbox

import (
	"bytes"
	"strings"

	"earshot/alerting"
)

// The messages of a Teams channel's webhook (learn.microsoft.com/microsoftteams,
// "Create incoming webhooks with Workflows"): one Adaptive Card. The webhooks of
// the connectors before them take the same.

// maxTeams bounds a message, in octets: Teams refuses about 28 KB, which it
// counts in its own way.
const maxTeams = 20 << 10

// teamsMessage is the body of a request.
type teamsMessage struct {
	Type        string            `json:"type"`
	Attachments []teamsAttachment `json:"attachments"`
}

// teamsAttachment holds the card.
type teamsAttachment struct {
	ContentType string       `json:"contentType"`
	ContentURL  *string      `json:"contentUrl"`
	Content     adaptiveCard `json:"content"`
}

// adaptiveCard is a card of version 1.4 (adaptivecards.io/explorer).
type adaptiveCard struct {
	Schema  string           `json:"$schema"`
	Type    string           `json:"type"`
	Version string           `json:"version"`
	Body    []any            `json:"body"`
	Actions []adaptiveAction `json:"actions,omitempty"`
	Teams   adaptiveWidth    `json:"msteams"`
}

// adaptiveWidth lets a card have the whole width of the channel.
type adaptiveWidth struct {
	Width string `json:"width"`
}

// adaptiveText is an element of a card.
type adaptiveText struct {
	Type   string `json:"type"`
	Text   string `json:"text"`
	Size   string `json:"size,omitempty"`
	Weight string `json:"weight,omitempty"`
	Color  string `json:"color,omitempty"`
	Wrap   bool   `json:"wrap"`
}

// adaptiveFacts is an element of a card.
type adaptiveFacts struct {
	Type  string         `json:"type"`
	Facts []adaptiveFact `json:"facts"`
}

// adaptiveFact is a fact.
type adaptiveFact struct {
	Title string `json:"title"`
	Value string `json:"value"`
}

// adaptiveAction is a button.
type adaptiveAction struct {
	Type  string `json:"type"`
	Title string `json:"title"`
	URL   string `json:"url"`
}

// adaptiveColors are those of the severities; index 0 is what is over.
var adaptiveColors = [alerting.Severities]string{"Good", "Attention", "Warning", "Warning", "Default"}

// newTeams reads the settings.
func newTeams(d *draft) Destination {
	h := newChat(d)
	h.words = func(m *message) any { return m.teams() }
	h.wrong = teamsWrong
	return &h
}

// teams is the message as a card that fits: what is too long loses text, and
// then the last of its facts.
func (m *message) teams() teamsMessage {
	short := *m
	for {
		card := short.card()
		body, err := jsonOf(card)
		switch text := []rune(short.Text); {
		case err != nil || len(body) <= maxTeams:
			return card
		case len(text) > 100:
			short.Text = fit(short.Text, len(text)*3/4)
		case len(short.Facts) > 1:
			short.Facts = short.Facts[:len(short.Facts)-1]
		default:
			return card
		}
	}
}

// card makes the card.
func (m *message) card() teamsMessage {
	color := adaptiveColors[0]
	if m.Open {
		color = adaptiveColors[m.Severity]
	}
	facts := adaptiveFacts{Type: "FactSet"}
	for _, f := range m.Facts {
		facts.Facts = append(facts.Facts, adaptiveFact{Title: teamsText(f.name, ""), Value: teamsText(f.value, "")})
	}
	card := adaptiveCard{
		Schema: "http://adaptivecards.io/schemas/adaptive-card.json", Type: "AdaptiveCard", Version: "1.4", Teams: adaptiveWidth{"Full"},
		Body: []any{adaptiveText{Type: "TextBlock", Text: teamsText(m.Title, ""), Size: "Medium", Weight: "Bolder", Color: color, Wrap: true}, facts},
	}
	if m.Text != "" {
		card.Body = append(card.Body, adaptiveText{Type: "TextBlock", Text: teamsText(m.Text, m.Link), Wrap: true})
	}
	if m.Link != "" {
		card.Actions = []adaptiveAction{{Type: "Action.OpenUrl", Title: "Open the case", URL: m.Link}}
	}
	return teamsMessage{Type: "message", Attachments: []teamsAttachment{{ContentType: "application/vnd.microsoft.card.adaptive", Content: card}}}
}

// teamsText is a text for a TextBlock, whose Markdown knows emphasis, lists and
// links, and wants an empty line where a line ends.
func teamsText(text, own string) string {
	lines := strings.FieldsFunc(inert(text, own), func(r rune) bool { return r == '\n' })
	escapes := strings.NewReplacer("*", `\*`, "_", `\_`, "`", "\\`", "<", "<"+gap)
	for i, line := range lines {
		if own != "" && strings.Contains(line, own) {
			continue // an address with a backslash in it leads nowhere
		}
		lines[i] = escapes.Replace(line)
	}
	return strings.Join(lines, "\n\n")
}

// teamsWrong finds the failure in an answer that claims success: the connectors
// say 200 and tell in the text what went wrong.
func teamsWrong(a *response) error {
	text := bytes.ToLower(a.body)
	switch {
	case !bytes.Contains(text, []byte("delivery failed")):
		return nil
	case bytes.Contains(text, []byte("429")):
		return &Failure{Kind: Busy, Code: 429, Text: "Teams takes no more messages for now: " + said200(a)}
	}
	return &Failure{Kind: Refused, Code: a.status, Text: "Teams did not take the message: " + said200(a)}
}

// said200 is what an answer says, in one line.
func said200(a *response) string { return fit(oneLine(string(a.body)), maxSaid) }
