package alerting

import (
	"strings"

	"earshot/topology"
)

// The most names that are told apart; the others are "other". Plans bring at
// most 1000 segments and peers each, their reloads new ones; codecs come from
// packets.
const (
	maxSegmentNames = 4000
	maxPeerNames    = 4000
	maxCodecNames   = 100
	maxTrunkNames   = 4000
	maxNameLen      = 64
)

// vocabulary numbers names for as long as the engine lives; 0 is "other".
type vocabulary struct {
	ids  map[string]uint16
	list []string
	most int
}

func newVocabulary(most int) vocabulary {
	return vocabulary{map[string]uint16{topology.OtherName: 0}, []string{topology.OtherName}, most}
}

// names are what labels are made of.
type names struct {
	segments, peers, codecs, trunks vocabulary

	folded uint64
}

func newNames() names {
	return names{
		segments: newVocabulary(maxSegmentNames), peers: newVocabulary(maxPeerNames),
		codecs: newVocabulary(maxCodecNames), trunks: newVocabulary(maxTrunkNames),
	}
}

// id numbers a name.
func (n *names) id(v *vocabulary, name string) uint16 {
	if id, ok := v.ids[name]; ok {
		return id
	}
	if len(v.list) == v.most || len(name) > maxNameLen {
		n.folded++
		return 0
	}
	name = strings.Clone(name) // it may be a piece of something large
	id := uint16(len(v.list))
	v.ids[name] = id
	v.list = append(v.list, name)
	return id
}

// noCodec is the label of what has no known codec.
const noCodec = "unknown"

// spellings are the names of codecs that are not registered in capitals, and
// what stands for a codec.
var spellings = []string{"opus", "speex", "iLBC", noCodec, topology.OtherName}

// spelt is a codec's name as it is registered: SDP's case does not matter.
func spelt(codec string) string {
	for _, name := range spellings {
		if strings.EqualFold(name, codec) {
			return name
		}
	}
	return strings.ToUpper(codec)
}

// codec numbers a codec, "" is unknown. Other spellings are kept beside the
// registered one, as far as there is room.
func (n *names) codec(name string) uint16 {
	v := &n.codecs
	if name == "" {
		name = noCodec
	}
	if id, ok := v.ids[name]; ok {
		return id
	}
	right := spelt(name)
	id := n.id(v, right)
	if id != 0 && right != name && len(v.ids) < 2*v.most {
		v.ids[strings.Clone(name)] = id
	}
	return id
}

// trunk numbers a trunk; what comes over none is "other".
func (n *names) trunk(domain string) uint16 {
	if domain == "" {
		return 0
	}
	return n.id(&n.trunks, domain)
}

// numbered is a plan with the engine's own numbers for its segments and peers.
type numbered struct {
	plan            *topology.Plan
	segments, peers []uint16
}

// plans are the last two that came: around a reload records of both come in turn.
type plans [2]*numbered

// of returns the plan with its numbers; the most recent one is first.
func (p *plans) of(plan *topology.Plan, n *names) *numbered {
	if p[0] != nil && p[0].plan == plan {
		return p[0]
	}
	p[0], p[1] = p[1], p[0]
	if p[0] != nil && p[0].plan == plan {
		return p[0]
	}
	num := &numbered{plan: plan}
	for _, name := range plan.Segments() {
		num.segments = append(num.segments, n.id(&n.segments, name))
	}
	for _, name := range plan.Peers() {
		num.peers = append(num.peers, n.id(&n.peers, name))
	}
	p[0] = num
	return num
}

func (n *numbered) segment(s topology.SegmentID) uint16 {
	if int(s) < len(n.segments) {
		return n.segments[s]
	}
	return 0
}

func (n *numbered) peer(p topology.PeerID) uint16 {
	if int(p) < len(n.peers) {
		return n.peers[p]
	}
	return 0
}
