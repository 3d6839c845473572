package outbox

import (
	"fmt"
	"net/url"
	"time"

	"go.yaml.in/yaml/v3"

	"earshot/alerting"
)

// House is what the settings of destinations need from the program.
type House struct {
	Path   func(name string) string               // a file that the configuration names, relative to it
	Secret func(file, env string) (string, error) // from a file that not everybody may read, or from the environment
	Hosts  []string                               // the only ones that may be spoken to; none: those that destinations name
	Public string                                 // URL of the probe's web server for people; "" it has none
}

// draft is a destination being read from its settings. Each kind asks it for
// its keys; a mistake is noted with its line and gives the zero value, so that
// all mistakes are told at once. A key that nobody asked for is a mistake too.
type draft struct {
	name  string
	house *House
	keys  map[string]*yaml.Node
	asked map[string]bool
	wrong []alerting.Problem
	node  *yaml.Node
}

// has reports whether a key is there.
func (d *draft) has(key string) bool {
	d.asked[key] = true
	return d.keys[key] != nil
}

// text reads a word or a line; preset where there is none. A key that must be
// there has the preset "!".
func (d *draft) text(key, preset string) string { panic("outbox: not read yet") }

// choice reads one of some words; the first is the preset.
func (d *draft) choice(key string, words ...string) string { panic("outbox: not read yet") }

// flag reads true or false.
func (d *draft) flag(key string, preset bool) bool { panic("outbox: not read yet") }

// number reads a whole number between two bounds.
func (d *draft) number(key string, least, most, preset int) int { panic("outbox: not read yet") }

// span reads a length of time, as "15m".
func (d *draft) span(key string, least, most, preset time.Duration) time.Duration {
	panic("outbox: not read yet")
}

// list reads a list of words, or one word.
func (d *draft) list(key string) []string { panic("outbox: not read yet") }

// table reads a mapping of words to words, as custom fields.
func (d *draft) table(key string) map[string]string { panic("outbox: not read yet") }

// secret reads KEY_file or KEY_env; one of them must be there unless optional.
func (d *draft) secret(key string, optional bool) string { panic("outbox: not read yet") }

// url reads an address of http or https whose host is allowed; preset "!" must be there.
func (d *draft) url(key, preset string) *url.URL { panic("outbox: not read yet") }

// urls reads several of them, or one.
func (d *draft) urls(key string) []*url.URL { panic("outbox: not read yet") }

// client makes the HTTP client of the destination: it reads tls_ca,
// tls_cert_file, tls_key_file, proxy and timeout, and speaks to the hosts of
// these addresses only.
func (d *draft) client(to ...*url.URL) *client { panic("outbox: not read yet") }

// fault notes a mistake of a key.
func (d *draft) fault(key, format string, args ...any) {
	p := alerting.Problem{Text: fmt.Sprintf("destination %q: %s: ", d.name, key) + fmt.Sprintf(format, args...)}
	if n := d.keys[key]; n != nil {
		p.Line = n.Line
	} else if d.node != nil {
		p.Line = d.node.Line
	}
	d.wrong = append(d.wrong, p)
}
