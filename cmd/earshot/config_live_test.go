package main

import (
	"strings"
	"testing"
)

func TestLiveConfigRefuses(t *testing.T) {
	for text, want := range map[string]string{
		"captures:\n  - {name: eth0, promisc: true}\n":                                           `line 2: unknown key "promisc"`,
		"captures:\n  - {name: eth0, filte: udp}\n":                                              `line 2: unknown key "filte" (did you mean "filter"?)`,
		"captures:\n  - {point: a}\n":                                                            `entry 1 has no name`,
		"captures:\n  - {name: eth0}\n  - {name: eth0}\n":                                        `line 3: captures: "eth0" is there twice`,
		"captures:\n  - {name: any}\n  - {name: eth0}\n":                                         `"any" is every interface`,
		"captures:\n  - {name: a-very-long-interface}\n":                                         `line 2: captures: "a-very-long-interface" is no interface name`,
		"captures:\n  - {name: eth0, promiscuous: maybe}\n":                                      `line 2: got "maybe", want true or false`,
		"captures:\n  - {name: eth0, point: 'in side'}\n":                                        `line 2: captures.point "in side"`,
		"captures: {name: eth0}\n":                                                               `line 1: got a mapping, want a list`,
		"lanes: 0\n":                                                                             `line 1: lanes is 0, want 1 to 64`,
		"memory_mb: 10\n":                                                                        `line 1: unknown key "memory_mb" here (there is one under "save")`,
		"hep: {udp: 9060}\n":                                                                     `line 1: hep.udp is "9060", want host:port`,
		"hep: {tls: ':9061'}\n":                                                                  `hep.tls needs hep.tls_cert and hep.tls_key`,
		"hep: {nodes: {kamailio: a}}\n":                                                          `line 1: got "kamailio", want a whole number`,
		"hep: {keys_file: a, keys_env: B}\n":                                                     `a key comes from a file or from the environment, not from both`,
		"hep_out:\n  - {network: udp}\n":                                                         `hep_out: entry 1 has no address`,
		"hep_out:\n  - {address: 'h:9060', network: sctp}\n":                                     `hep_out.network is "sctp", want one of udp, tcp, tls`,
		"hep_out:\n  - {address: 'h:9060', tls_ca: x}\n":                                         `belong to network: tls`,
		"peers:\n  - name: a\n    networks: [192.0.2.0/33]\n":                                    `line 3: peers: "192.0.2.0/33" is no network`,
		"segments:\n  - {name: s, vlans: [5000]}\n":                                              `line 2: segments.vlans is 5000, want 1 to 4094`,
		"web: {listen: localhost}\n":                                                             `line 1: web.listen is "localhost", want host:port`,
		"web: {tls_cert: a.crt}\n":                                                               `web.tls_cert and web.tls_key go together`,
		"metrics:\n  push: {url: 'vm:8428'}\n":                                                   `line 2: metrics.push.url is "vm:8428", want http://`,
		"metrics:\n  push: {url: 'http://u:secret@vm:8428/'}\n":                                  `user_file`,
		"metrics:\n  push: {url: 'http://vm:8428/', labels: {a-b: c}}\n":                         `"a-b" is no label name`,
		"save: {rtp: everything}\n":                                                              `line 1: save.rtp is "everything", want one of headers, full, none`,
		"save: {file_mb: 100, total_mb: 50}\n":                                                   `there would be room for no file`,
		"log: {level: debag}\n":                                                                  `line 1: log.level is "debag", want one of info, debug, warn, error (did you mean "debug"?)`,
		"log: {level: info}\n---\nlog: {level: debug}\n":                                         `more than one document`,
		"lanes: 0\nring_mb: 0\nfindings: {los: 1}\nsave: {rtp: x}\n":                             "\n  line 1: lanes is 0, want 1 to 64\n  line 2: ring_mb is 0",
		"segments:\n  - {name: far, far: [nobody]}\npeers:\n  - {name: a, networks: ['::/0']}\n": `nobody`,
	} {
		_, err := loadConfig(configured(t, text))
		if err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("%q: got %v, want %q", text, err, want)
		} else if strings.Contains(err.Error(), "secret") {
			t.Errorf("%q: the error tells the password: %v", text, err)
		}
	}
}
