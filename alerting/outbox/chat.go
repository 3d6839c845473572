package outbox

import (
	"context"
	"fmt"
	"net/http"
	"net/url"
	"strconv"
	"strings"
	"time"

	"earshot/alerting"
)

// chat is what the destinations that write into a chat room through an incoming
// webhook have in common. Such a webhook takes messages and gives nothing back:
// no message can be found, changed or read again. What may have arrived is
// therefore sent again, and a lost answer may show a message twice; that is a
// second message, not a second ticket.
type chat struct {
	Plain
	client *client
	url    *url.URL // a secret
	words  func(m *message) any
	wrong  func(a *response) error // of an answer that claims success
}

// message is what a room is told.
type message struct {
	Title    string
	Text     string
	Link     string
	Facts    []fact
	Severity alerting.Severity
	Open     bool
}

// fact is a name with its value.
type fact struct{ name, value string }

// The bounds of a message, in characters.
const (
	maxChatTitle = 150
	maxChatText  = 2800 // a section of Slack's takes 3000
	maxChatFact  = 300
	maxChatCases = 20
)

// newChat reads what all of them have: an address that is a secret.
func newChat(d *draft) chat {
	u := d.secretURL("url")
	return chat{url: u, client: d.client(u)}
}

// Abilities says what it can do.
func (*chat) Abilities() Abilities {
	return Abilities{Idempotent: true, Comment: true, Close: true, Reopen: true}
}

// Create tells of the case. A summary remembers how many cases it told of.
func (h *chat) Create(ctx context.Context, t *Ticket, c *Content) (Remote, error) {
	remote := Remote{Memo: strconv.Itoa(len(t.Cases))}
	return remote, h.say(ctx, c, "", c.Text)
}

// Update says nothing of a case: what has changed is in its notes, and a room is
// not to be told twice. A summary is told again when it has twice the cases.
func (h *chat) Update(ctx context.Context, t *Ticket, c *Content) (Remote, error) {
	told, _ := strconv.Atoi(t.Remote.Memo)
	if c.Case != nil || len(t.Cases) < 2*told {
		return t.Remote, nil
	}
	return h.Create(ctx, t, c)
}

// Comment tells what happened.
func (h *chat) Comment(ctx context.Context, _ *Ticket, c *Content) error {
	return h.say(ctx, c, "", c.Note)
}

// Close says that it is over.
func (h *chat) Close(ctx context.Context, t *Ticket, c *Content) (Remote, error) {
	text := ""
	if c.Case != nil {
		text = c.Case.Closure
	}
	return t.Remote, h.say(ctx, c, "Closed: ", text)
}

// Reopen says that it is back.
func (h *chat) Reopen(ctx context.Context, t *Ticket, c *Content) (Remote, error) {
	return t.Remote, h.say(ctx, c, "Open again: ", c.Text)
}

// say posts one message.
func (h *chat) say(ctx context.Context, c *Content, before, text string) error {
	m := &message{Title: fit(before+oneLine(c.Subject), maxChatTitle), Text: fit(strings.TrimSpace(plain(text)), maxChatText), Link: c.Link,
		Facts: facts(c), Severity: c.severity(), Open: before != "Closed: "}
	for i := range m.Facts {
		m.Facts[i].value = fit(oneLine(m.Facts[i].value), maxChatFact)
	}
	a, err := h.client.do(ctx, request{method: http.MethodPost, url: h.url.String(), body: h.words(m),
		secrets: []string{h.url.String(), h.url.RequestURI(), h.url.EscapedPath(), strings.TrimPrefix(h.url.EscapedPath(), "/"), h.url.RawQuery}})
	if err == nil && h.wrong != nil {
		err = h.wrong(a)
	}
	return misplaced(err)
}

// facts are the few figures of a case that say whose it is and how bad.
func facts(c *Content) []fact {
	if c.Case == nil {
		return summaryFacts(c)
	}
	one := c.Case
	list := []fact{{"case", "#" + strconv.Itoa(one.Number)}, {"severity", one.Severity.String()}}
	add := func(name, value string) {
		if value != "" {
			list = append(list, fact{name, value})
		}
	}
	add("tenant", one.Tenant)
	add("segment", one.Segment)
	add("owner", one.Owner)
	add("assignee", one.Assignee)
	add("status", strings.TrimSpace(string(one.Status)+" "+string(one.SubStatus)))
	add("signals", signalsOf(one))
	if i := one.Impact; i.CallsTotal > 0 {
		add("impact", fmt.Sprintf("%d of %d calls", i.Calls, i.CallsTotal))
	}
	add("since", moment(one.FirstSeen))
	add("restored", moment(one.Restored))
	return list
}

// summaryFacts are those of a summary: its cases, one by one.
func summaryFacts(c *Content) []fact {
	list := []fact{{"cases", strconv.Itoa(len(c.Cases))}, {"worst", c.severity().String()}}
	for i, one := range c.Cases {
		if i == maxChatCases {
			return append(list, fact{"more", strconv.Itoa(len(c.Cases) - i)})
		}
		list = append(list, fact{"#" + strconv.Itoa(one.Number), one.Severity.String() + ", " + oneLine(one.Subject)})
	}
	return list
}

// moment is a time for people; "" where there is none.
func moment(t time.Time) string {
	if t.IsZero() {
		return ""
	}
	return t.UTC().Format("2006-01-02 15:04 UTC")
}

// signalsOf lists what was measured.
func signalsOf(c *alerting.Case) string {
	var words []string
	for _, s := range c.Signals {
		words = append(words, string(s))
	}
	return strings.Join(words, ", ")
}

// gap is seen by nobody, and keeps two characters from meaning something.
const gap = "\u200b"

// inert takes from a text what chats act upon, wherever they differ: whom it
// calls (@channel), links that hide where they lead, pictures that are fetched,
// addresses that become links. The one address that is ours stays.
func inert(text, own string) string {
	breaks := strings.NewReplacer("@", "@"+gap, "](", "]"+gap+"(", "![", "!"+gap+"[", "://", ":"+gap+"//", "www.", "www"+gap+".", "][", "]"+gap+"[", "]:", "]"+gap+":")
	if own == "" {
		return breaks.Replace(text)
	}
	pieces := strings.Split(text, own)
	for i := range pieces {
		pieces[i] = breaks.Replace(pieces[i])
	}
	return strings.Join(pieces, own)
}
