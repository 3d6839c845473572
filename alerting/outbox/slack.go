package outbox

import (
	"strings"

	"earshot/alerting"
)

// The messages of Slack's incoming webhooks (docs.slack.dev/messaging/
// sending-messages-using-incoming-webhooks), as Mattermost and Rocket.Chat take
// them too: one attachment and no text beside it. Blocks are Slack's alone.

// slackMessage is the body of a request.
type slackMessage struct {
	Channel     string            `json:"channel,omitempty"` // Mattermost and Rocket.Chat: another one than the webhook's own
	Attachments []slackAttachment `json:"attachments"`
}

// slackAttachment is what stands below it.
type slackAttachment struct {
	Color     string       `json:"color"`
	Fallback  string       `json:"fallback"`
	Title     string       `json:"title"`
	TitleLink string       `json:"title_link,omitempty"`
	Text      string       `json:"text,omitempty"`
	Fields    []slackField `json:"fields"`
}

// slackField is a fact.
type slackField struct {
	Title string `json:"title"`
	Value string `json:"value"`
	Short bool   `json:"short"`
}

// colors are those of the severities; index 0 is what is over.
var colors = [alerting.Severities]string{"#2e7d32", "#b71c1c", "#e65100", "#f9a825", "#546e7a"}

// color is that of a message.
func (m *message) color() string {
	if !m.Open {
		return colors[0]
	}
	return colors[m.Severity]
}

// newSlack reads the settings.
func newSlack(d *draft) Destination {
	channel := d.text("channel", "")
	h := newChat(d)
	h.words = func(m *message) any { return m.slack(channel) }
	return &h
}

// slack is the message as Slack takes it.
func (m *message) slack(channel string) slackMessage {
	a := slackAttachment{Color: m.color(), Fallback: slackText(m.Title, ""), Title: slackText(m.Title, ""), TitleLink: m.Link, Text: slackText(m.Text, m.Link)}
	for _, f := range m.Facts {
		a.Fields = append(a.Fields, slackField{Title: slackText(f.name, ""), Value: slackText(f.value, ""), Short: len(f.value) < 40})
	}
	return slackMessage{Channel: channel, Attachments: []slackAttachment{a}}
}

// slackText escapes the three characters that Slack gives a meaning
// (docs.slack.dev/messaging/formatting-message-text), so that nothing in a text
// is a mention, a channel or a link, and breaks what the others act upon.
func slackText(text, own string) string {
	return strings.NewReplacer("&", "&amp;", "<", "&lt;", ">", "&gt;").Replace(inert(text, own))
}
