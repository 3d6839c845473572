package main

// captureConfig is one interface to capture from.
type captureConfig struct {
	Name           word   `yaml:"name"`
	Point          word   `yaml:"point"`
	Promiscuous    bool   `yaml:"promiscuous"`
	IgnoreOutgoing bool   `yaml:"ignore_outgoing"`
	HardwareTime   bool   `yaml:"hardware_time"`
	Filter         word   `yaml:"filter"`
	SnapLength     number `yaml:"snap_length"`
	HEP            bool   `yaml:"hep"`
}

// hepConfig is where HEP is taken from. Without an address nothing is listened on.
type hepConfig struct {
	UDP            word            `yaml:"udp"`
	TCP            word            `yaml:"tcp"`
	TLS            word            `yaml:"tls"`
	TLSCert        word            `yaml:"tls_cert"`
	TLSKey         word            `yaml:"tls_key"`
	TLSClientCA    word            `yaml:"tls_client_ca"`
	KeysFile       word            `yaml:"keys_file"`
	KeysEnv        word            `yaml:"keys_env"`
	Point          word            `yaml:"point"`
	Nodes          map[uint32]word `yaml:"nodes"`
	Ports          []number        `yaml:"ports"`
	MaxConnections number          `yaml:"max_connections"`
	QueueMB        number          `yaml:"queue_mb"`
}

// listens reports whether any HEP listener is asked for.
func (h *hepConfig) listens() bool { return h.UDP.text != "" || h.TCP.text != "" || h.TLS.text != "" }

// hepOutConfig is one receiver that HEP is sent to.
type hepOutConfig struct {
	Network       word   `yaml:"network"`
	Address       word   `yaml:"address"`
	TLSCA         word   `yaml:"tls_ca"`
	TLSCert       word   `yaml:"tls_cert"`
	TLSKey        word   `yaml:"tls_key"`
	TLSServerName word   `yaml:"tls_server_name"`
	Node          number `yaml:"node"`
	Name          word   `yaml:"name"`
	KeyFile       word   `yaml:"key_file"`
	KeyEnv        word   `yaml:"key_env"`
	Compress      bool   `yaml:"compress"`
	BufferMB      number `yaml:"buffer_mb"`
}

// peerConfig is a named set of networks.
type peerConfig struct {
	Name     word   `yaml:"name"`
	Networks []word `yaml:"networks"`
	Owner    word   `yaml:"owner"`
	Contact  word   `yaml:"contact"`
}

// segmentConfig is one part of the path.
type segmentConfig struct {
	Name   word     `yaml:"name"`
	Near   []word   `yaml:"near"`
	Far    []word   `yaml:"far"`
	Trunks []word   `yaml:"trunks"`
	VLANs  []number `yaml:"vlans"`
	Points []word   `yaml:"points"`

	// Who answers for it.
	Owner   word `yaml:"owner"`
	Contact word `yaml:"contact"`
	Site    word `yaml:"site"`
	Tenant  word `yaml:"tenant"`
	Plan    word `yaml:"plan"`
}
