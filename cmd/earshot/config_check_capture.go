package main

import (
	"fmt"
	"net"
	"regexp"
	"slices"
	"strconv"
	"strings"

	"earshot/capture"
)

// pointName is what a capture point may be called: it becomes a label value.
var pointName = regexp.MustCompile(`^[A-Za-z0-9_.:-]{1,64}$`)

// wrongCaptures checks the interfaces.
func (c *config) wrongCaptures() []problem {
	var wrong []problem
	seen := map[string]bool{}
	for i := range c.Captures {
		x := &c.Captures[i]
		name := x.Name.text
		switch {
		case name == "":
			wrong = append(wrong, problem{x.Name.line, fmt.Sprintf("captures: entry %d has no name; want the interface, e.g. eth0, or any", i+1)})
		case !isInterfaceName(name):
			wrong = append(wrong, problem{x.Name.line, fmt.Sprintf("captures: %q is no interface name: at most 15 characters without / and spaces", name)})
		case seen[name]:
			wrong = append(wrong, problem{x.Name.line, fmt.Sprintf("captures: %q is there twice", name)})
		}
		seen[name] = true
		wrong = append(wrong, wrongPoint("captures.point", x.Point)...)
		if x.Point.text == "" && name != "" && isInterfaceName(name) && !pointName.MatchString(name) {
			wrong = append(wrong, problem{x.Name.line, fmt.Sprintf("captures: %q cannot name a capture point; give it a point of letters, digits and _ . : -", name)})
		}
		if x.Filter.text != "" {
			if _, err := capture.CompileFilter(x.Filter.text); err != nil {
				wrong = append(wrong, problem{x.Filter.line, fmt.Sprintf("captures.filter: %v", err)})
			}
		}
	}
	if seen[anyInterface] && len(c.Captures) > 1 {
		wrong = append(wrong, problem{c.Captures[0].Name.line, `captures: "any" is every interface; name it alone, or name the interfaces`})
	}
	return wrong
}

// isInterfaceName follows the kernel's dev_valid_name.
func isInterfaceName(s string) bool {
	return s != "" && len(s) < 16 && s != "." && s != ".." && !strings.ContainsAny(s, "/: \t\r\n")
}

func wrongPoint(key string, w word) []problem {
	if w.text == "" || pointName.MatchString(w.text) {
		return nil
	}
	return []problem{{w.line, fmt.Sprintf("%s %q: want 1 to 64 letters, digits and _ . : -", key, w.text)}}
}

// wrongHEP checks the listeners and the receivers.
func (c *config) wrongHEP() []problem {
	var wrong []problem
	h := &c.HEP
	wrong = append(wrong, wrongAddress("hep.udp", h.UDP)...)
	wrong = append(wrong, wrongAddress("hep.tcp", h.TCP)...)
	wrong = append(wrong, wrongAddress("hep.tls", h.TLS)...)
	wrong = append(wrong, wrongPoint("hep.point", h.Point)...)
	for _, w := range h.Nodes {
		if wrong = append(wrong, wrongPoint("hep.nodes", w)...); w.text == "" {
			wrong = append(wrong, problem{w.line, "hep.nodes: a node needs a name"})
		}
	}
	if h.TLS.text != "" && (h.TLSCert.text == "" || h.TLSKey.text == "") {
		wrong = append(wrong, problem{h.TLS.line, "hep.tls needs hep.tls_cert and hep.tls_key"})
	}
	wrong = append(wrong, both("hep", h.KeysFile, h.KeysEnv)...)
	for i := range c.HEPOut {
		wrong = append(wrong, c.HEPOut[i].wrong(i)...)
	}
	return wrong
}

func (o *hepOutConfig) wrong(i int) []problem {
	wrong := wrongAddress("hep_out.address", o.Address)
	if o.Address.text == "" {
		wrong = append(wrong, problem{o.Network.line, fmt.Sprintf("hep_out: entry %d has no address; want host:port", i+1)})
	} else if host, _, err := net.SplitHostPort(o.Address.text); err == nil && host == "" {
		wrong = append(wrong, problem{o.Address.line, fmt.Sprintf("hep_out.address %q has no host to send to", o.Address.text)})
	}
	network := o.network()
	if !slices.Contains(hepNetworks, network) {
		wrong = append(wrong, problem{o.Network.line, fmt.Sprintf("hep_out.network is %q, want one of %s", network, strings.Join(hepNetworks, ", "))})
	}
	for _, w := range []word{o.TLSCA, o.TLSCert, o.TLSKey, o.TLSServerName} {
		if w.text != "" && network != "tls" {
			wrong = append(wrong, problem{w.line, "hep_out: tls_ca, tls_cert, tls_key and tls_server_name belong to network: tls"})
			break
		}
	}
	if (o.TLSCert.text == "") != (o.TLSKey.text == "") {
		wrong = append(wrong, problem{max(o.TLSCert.line, o.TLSKey.line), "hep_out: tls_cert and tls_key go together"})
	}
	return append(wrong, both("hep_out", o.KeyFile, o.KeyEnv)...)
}

var hepNetworks = []string{"udp", "tcp", "tls"}

// network is how HEP is sent; UDP where nothing is said.
func (o *hepOutConfig) network() string {
	if o.Network.text == "" {
		return "udp"
	}
	return o.Network.text
}

// both complains of a secret that has two origins.
func both(key string, file, env word) []problem {
	if file.text == "" || env.text == "" {
		return nil
	}
	return []problem{{max(file.line, env.line), key + ": a key comes from a file or from the environment, not from both"}}
}

// wrongAddress checks a host:port.
func wrongAddress(key string, w word) []problem {
	if w.text == "" {
		return nil
	}
	_, port, err := net.SplitHostPort(w.text)
	if err == nil {
		_, err = strconv.ParseUint(port, 10, 16)
	}
	if err != nil {
		return []problem{{w.line, fmt.Sprintf("%s is %q, want host:port such as 127.0.0.1:9060 or [::1]:9060", key, w.text)}}
	}
	return nil
}
