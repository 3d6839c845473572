package web

import "strings"

// The closed sets that label values are taken from. What is not in them is
// "other": a packet can say anything, and must not make a series.

// unknown is the label value of what nothing tells.
const unknown = "unknown"

// codecNames are the codecs that have a label value of their own: those of RFC
// 3551 that carry voice, and the later ones of telephony.
var codecNames = closedSet("PCMU", "PCMA", "G722", "G723", "G726-16", "G726-24", "G726-32", "G726-40", "G728", "G729", "G7221",
	"GSM", "GSM-EFR", "AMR", "AMR-WB", "EVS", "EVRC", "iLBC", "opus", "speex", "SILK", "L16", "CN", "telephone-event",
	"H264", "H265", "VP8", "VP9", "AV1")

// methodNames are the methods of RFC 3261 and its extensions.
var methodNames = closedSet("INVITE", "ACK", "BYE", "CANCEL", "REGISTER", "OPTIONS", "PRACK", "UPDATE", "INFO",
	"SUBSCRIBE", "NOTIFY", "PUBLISH", "MESSAGE", "REFER")

// transportNames are the transports of RFC 3261, 4168 and 7118.
var transportNames = closedSet("udp", "tcp", "tls", "sctp", "ws", "wss")

// statusCodes are IANA's registered SIP response codes.
var statusCodes = map[int]string{
	100: "100", 180: "180", 181: "181", 182: "182", 183: "183", 199: "199",
	200: "200", 202: "202", 204: "204",
	300: "300", 301: "301", 302: "302", 305: "305", 380: "380",
	400: "400", 401: "401", 402: "402", 403: "403", 404: "404", 405: "405", 406: "406", 407: "407", 408: "408", 410: "410",
	412: "412", 413: "413", 414: "414", 415: "415", 416: "416", 417: "417", 420: "420", 421: "421", 422: "422", 423: "423",
	424: "424", 425: "425", 428: "428", 429: "429", 430: "430", 433: "433", 436: "436", 437: "437", 438: "438", 439: "439",
	440: "440", 469: "469", 470: "470", 480: "480", 481: "481", 482: "482", 483: "483", 484: "484", 485: "485", 486: "486",
	487: "487", 488: "488", 489: "489", 491: "491", 493: "493", 494: "494",
	500: "500", 501: "501", 502: "502", 503: "503", 504: "504", 505: "505", 513: "513", 555: "555", 580: "580",
	600: "600", 603: "603", 604: "604", 606: "606", 607: "607", 608: "608",
}

// closedSet maps the lower-case form of each name to its spelling.
func closedSet(names ...string) map[string]string {
	set := make(map[string]string, len(names))
	for _, n := range names {
		set[strings.ToLower(n)] = n
	}
	return set
}

// within returns a name as the set spells it: other where it does not, unknown
// where there is none.
func within(set map[string]string, name string) string {
	if name == "" {
		return unknown
	}
	if spelled, ok := set[name]; ok { // spelled in lower case already: transports
		return spelled
	}
	if spelled, ok := set[strings.ToLower(name)]; ok {
		return spelled
	}
	return other
}

// statusName returns the label value of a status.
func statusName(status int) string {
	if name, ok := statusCodes[status]; ok {
		return name
	}
	return other
}
