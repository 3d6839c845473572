package outbox

import (
	"slices"
	"strings"
)

// House is what the settings of destinations need from the program.
type House struct {
	Path    func(name string) string               // a file that the configuration names, relative to it
	Secret  func(file, env string) (string, error) // from a file of the configuration that not everybody may read, or from the environment
	Hosts   []string                               // the only ones that may be spoken to; none: those that destinations name
	Public  string                                 // URL of the probe's web server for people; "" it has none
	Version string                                 // of this program
}

// path is where a file of the configuration is.
func (h *House) path(name string) string {
	if h.Path == nil {
		return name
	}
	return h.Path(name)
}

// allows reports whether a host may be spoken to. An entry that begins with a
// dot allows all hosts of the domain.
func (h *House) allows(host string) bool {
	host = strings.ToLower(host)
	return len(h.Hosts) == 0 || slices.ContainsFunc(h.Hosts, func(allowed string) bool {
		allowed = strings.ToLower(allowed)
		return host == allowed || strings.HasPrefix(allowed, ".") && strings.HasSuffix(host, allowed)
	})
}
