package outbox

import (
	"net/url"
	"strings"
	"unicode"

	"go.yaml.in/yaml/v3"
)

// secret reads KEY_file or KEY_env; one of them must be there unless optional.
func (d *draft) secret(key string, optional bool) string {
	if d.has(key) {
		d.fault(key, "a secret does not stand in the configuration: put it into a file, or into the environment, and say %s_file: FILE or %s_env: VARIABLE", key, key)
	}
	file, env := d.text(key+"_file", ""), d.text(key+"_env", "")
	switch {
	case file != "" && env != "":
		d.fault(key+"_env", "%s_file is there too: want one of them", key)
		return ""
	case file == "" && env == "":
		if !optional && !d.has(key) && !d.has(key+"_file") && !d.has(key+"_env") {
			d.fault(key+"_file", "it is missing: want it, or %s_env", key)
		}
		return ""
	}
	value, err := d.house.Secret(file, env)
	if err != nil {
		where := "_file"
		if env != "" {
			where = "_env"
		}
		d.fault(key+where, "%v", err)
		return ""
	}
	if value == "" || strings.ContainsFunc(value, unicode.IsControl) {
		d.fault(key+"_file", "the secret is empty, or holds a control character")
		return ""
	}
	return value
}

// url reads an address of http or https whose host is allowed; preset "!" must be there.
func (d *draft) url(key, preset string) *url.URL {
	v := d.text(key, preset)
	if v == "" {
		return nil
	}
	return d.address(d.keys[key], key, v)
}

// urls reads several of them, or one.
func (d *draft) urls(key string) []*url.URL {
	var list []*url.URL
	for _, v := range d.list(key) {
		if u := d.address(d.keys[key], key, v); u != nil {
			list = append(list, u)
		}
	}
	return list
}

// secretURL reads an address that is a secret itself, as that of a chat's
// webhook, from KEY_file or KEY_env.
func (d *draft) secretURL(key string) *url.URL {
	v := d.secret(key, false)
	if v == "" {
		return nil
	}
	return d.address(nil, key, v)
}

// address checks an address. What it says of a mistake never holds the address:
// it may be a secret.
func (d *draft) address(n *yaml.Node, key, v string) *url.URL {
	u, err := url.Parse(v)
	switch {
	case err != nil || u.Scheme != "https" && u.Scheme != "http" || u.Hostname() == "":
		d.faultAt(n, key, "want an address like https://host.example/path")
	case u.User != nil:
		d.faultAt(n, key, "it holds a name or a password: they have keys of their own")
	case u.Fragment != "":
		d.faultAt(n, key, "it has a fragment (#), which is never sent: leave it out")
	case !d.house.allows(u.Hostname()):
		d.faultAt(n, key, "host %q is not in outbox.hosts, which lists the only ones that may be spoken to", u.Hostname())
	default:
		return u
	}
	return nil
}

// host reads the name of a host that may be spoken to, without a port.
func (d *draft) host(key string) string {
	v := d.text(key, must)
	switch {
	case v == "":
	case strings.ContainsAny(v, "/@ ") || strings.Count(v, ":") == 1:
		d.fault(key, "it is %q, want the name or the address of a host, without a port", v)
	case !d.house.allows(v):
		d.fault(key, "host %q is not in outbox.hosts, which lists the only ones that may be spoken to", v)
	default:
		return v
	}
	return ""
}
