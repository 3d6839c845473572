package rtpstats

// Path is where a packet was seen: its capture point in the upper 20 bits, and
// its VLAN identifier (IEEE 802.1Q VID; 0: untagged) in the lower 12. It
// travels beside the packets, because a Packet has no octet left for it.
type Path uint32

const (
	pathVLANBits = 12
	pathVLANMask = 1<<pathVLANBits - 1
)

// NewPath returns the path of a capture point and a VLAN identifier, of which
// the lower 12 bits count.
func NewPath(point, vlan uint16) Path {
	return Path(point)<<pathVLANBits | Path(vlan)&pathVLANMask
}

// Point returns the capture point.
func (p Path) Point() uint16 { return uint16(p >> pathVLANBits) }

// VLAN returns the VLAN identifier, 0 where the packet was untagged.
func (p Path) VLAN() uint16 { return uint16(p & pathVLANMask) }
