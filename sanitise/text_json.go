package sanitise

// RTCPJSON appends a report as HEP's senders write it, in JSON: the figures stay,
// texts get pseudonyms, and so do members that are not known, with their values.
func (t *Text) RTCPJSON(dst, message []byte) []byte {
	if isBinary(message) {
		return blank(dst, message)
	}
	known, named := true, false // the member that the value at hand belongs to; nothing came since its name
	depth, strange := 0, -1     // the depth at which a member opened that is not known
	for i := 0; i < len(message); {
		c := message[i]
		end := i + 1
		switch {
		case c == '"':
			end = i + stringLen(message[i:])
			value := message[i+1 : max(end-1, i+1)]
			isName := isKey(message[end:])
			if isName {
				known = strange < 0 && inSet(reportMembers, value)
			}
			named = isName
			dst = append(dst, c)
			if isName && equalFold(value, "text") {
				dst = append(dst, value...) // of an SDES item; its value is none that stays
			} else {
				dst = t.jsonWord(dst, value, known)
			}
			if end-1 > i {
				dst = append(dst, message[end-1])
			}
		case isJSONWord(c):
			for end < len(message) && isJSONWord(message[end]) {
				end++
			}
			dst = t.jsonWord(dst, message[i:end], known)
			named = false
		default:
			dst = append(dst, c)
			switch c {
			case '{', '[':
				if depth++; named && !known && strange < 0 {
					strange = depth
				}
				named = false
			case '}', ']':
				if depth--; depth < strange {
					strange = -1
				}
			}
		}
		i = end
	}
	return dst
}

// isJSONWord reports whether c belongs to a number or a literal.
func isJSONWord(c byte) bool { return isWordByte(c) || c == '-' || c == '+' || c == '.' }

// jsonWord appends a name or a value: one word, but for names that are known and
// figures of theirs.
func (t *Text) jsonWord(dst, v []byte, known bool) []byte {
	const longest = 12 // octets of a 32-bit number with a sign, or of one with a fraction
	if known && (len(v) <= longest && isFigure(v) || inSet(reportMembers, v)) {
		return append(dst, v...)
	}
	return t.names.whole(dst, v)
}

// isFigure reports whether v is a number, true, false or null.
func isFigure(v []byte) bool {
	switch string(v) {
	case "true", "false", "null":
		return true
	}
	for _, c := range v {
		if !isDigit(c) && c != '.' && c != '-' && c != '+' {
			return false
		}
	}
	return true
}

// stringLen is the length of the string that b begins with, quotes included; all
// of b where it does not end.
func stringLen(b []byte) int {
	for i := 1; i < len(b); i++ {
		switch b[i] {
		case '\\':
			i++
		case '"':
			return i + 1
		}
	}
	return len(b)
}

// isKey reports whether a colon follows: what came before is a member's name.
func isKey(b []byte) bool {
	b, _ = trim(b[:min(len(b), 16)])
	return len(b) > 0 && b[0] == ':'
}

// reportMembers are the members of such reports, by heplify, captagent,
// rtpengine, Asterisk and Janus.
var reportMembers = wordSet(`type ssrc report_count sender_information ntp_timestamp_sec ntp_timestamp_usec rtp_timestamp
	packets octets report_blocks source_ssrc fraction_lost packets_lost highest_seq_no ia_jitter lsr dlsr
	report_blocks_xr voip_metrics extended_report_information id identifier fraction_discard loss_rate discard_rate
	burst_density burst_rate gap_density gap_rate burst_duration gap_duration round_trip_delay end_system_delay
	end_sys_delay signal_level signal_lev noise_level noise_lev rerl gmin r_factor r_fact ext_r_factor ext_r_fact
	mos_lq mos_cq rx_config jb_nominal jb_nom jb_maximum jb_max jb_abs_max sdes_ssrc sdes_chunk_ssrc sdes_report_count
	sdes_information mos rfactor jitter min_jitter max_jitter rtt loss total_loss`)
