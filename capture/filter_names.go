package capture

import "earshot/capture/wire"

// filterPorts are the port names that a filter knows: IANA's, as /etc/services
// has them, and some that operators say. A table, so that an expression means
// the same on every host.
var filterPorts = map[string]uint16{
	"ftp-data": 20, "ftp": 21, "ssh": 22, "telnet": 23, "smtp": 25, "domain": 53, "bootps": 67, "bootpc": 68, "tftp": 69,
	"http": 80, "pop3": 110, "ntp": 123, "netbios-ssn": 139, "imap": 143, "imap2": 143, "snmp": 161, "snmp-trap": 162,
	"bgp": 179, "ldap": 389, "https": 443, "microsoft-ds": 445, "submissions": 465, "syslog": 514, "rtsp": 554,
	"submission": 587, "ldaps": 636, "rsync": 873, "imaps": 993, "pop3s": 995, "ms-sql-s": 1433, "oracle": 1521,
	"l2tp": 1701, "radius": 1812, "radius-acct": 1813, "nfs": 2049, "gtp-control": 2123, "gtp-user": 2152,
	"mgcp-gateway": 2427, "iscsi": 3260, "mysql": 3306, "rdp": 3389, "stun": 3478, "iax": 4569, "vxlan": 4789,
	"sip": 5060, "sips": 5061, "stuns": 5349, "postgresql": 5432, "vnc": 5900, "geneve": 6081, "redis": 6379,
	"kafka": 9092, "hep": 9060, "elasticsearch": 9200, "memcached": 11211, "mongodb": 27017,
}

// filterProtocols are the names of IP protocols that a filter knows (IANA,
// protocol numbers).
var filterProtocols = map[string]uint8{
	"icmp": 1, "igmp": 2, "ipip": 4, "ip-encap": 4, "tcp": 6, "udp": 17, "ipv6": 41, "gre": 47, "esp": 50, "ah": 51,
	"icmp6": 58, "ipv6-icmp": 58, "ospf": 89, "etherip": 97, "vrrp": 112, "l2tp": 115, "sctp": 132, "mpls-in-ip": 137,
}

// filterEtherTypes are the names of EtherTypes that a filter knows.
var filterEtherTypes = map[string]uint16{
	"ip": wire.EtherIPv4, "arp": wire.EtherARP, "rarp": etherRARP, "ip6": wire.EtherIPv6,
	"mpls": wire.EtherMPLS, "pppoes": wire.EtherPPPoE, "pppoed": 0x8863, "lldp": 0x88cc,
}

// etherRARP is reverse ARP (RFC 903), whose addresses are where ARP's are.
const etherRARP = 0x8035
