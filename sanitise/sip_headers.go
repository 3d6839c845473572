package sanitise

// headerRule says what a header's value is.
type headerRule struct {
	meaning meaning
	list    bool // of elements with parameters
	body    bool // the body of a request, in a URI
	about   about
}

// about is what a header says of the body.
type about uint8

const (
	aboutNothing about = iota
	aboutType
	aboutLength
	aboutEncoding
	aboutTransfer
)

// headers are those whose names stay, compact forms included. Of all others both
// name and value are replaced.
var headers = headerTable(map[meaning]string{
	asParty: `from f to t contact m route record-route path service-route p-asserted-identity p-preferred-identity diversion
		history-info remote-party-id refer-to r referred-by b reply-to alert-info call-info error-info p-called-party-id
		p-associated-uri p-served-user p-asserted-service p-preferred-service p-user-database geolocation p-profile-key
		permission-missing trigger-consent p-charge-info p-dcs-redirect`,
	asSentBy: `via v`,
	asOpaque: `replaces join target-dialog session-id same-session p-visited-network-id security-client security-server
		security-verify geolocation-routing geolocation-error`,
	asNumber: `session-expires x warning retry-after max-breadth`,
	asWords: `event o subscription-state accept accept-encoding accept-language content-disposition reason
		accept-contact a reject-contact j request-disposition d feature-caps p-access-network-info info-package recv-info
		answer-mode priv-answer-mode p-early-media refer-sub p-answer-state content-type c`,
	asParams: `p-charging-vector p-charging-function-addresses authentication-info proxy-authentication-info`,
	asScheme: `authorization proxy-authorization www-authenticate proxy-authenticate`,
	asDigits: `user-to-user x-user-to-user`,
	asSecret: `identity-info n`,
}, map[meaning]string{
	asOpaque: `call-id i in-reply-to organization x-call-id x-cid x-original-call-id x-leg-call-id sip-etag sip-if-match
		suppress-if-match content-id content-location content-base x-session-id
		x-uuid x-correlation-id x-callid`,
	asNumber:  `max-forwards expires min-expires min-se rseq content-length l flow-timer x-asterisk-hangupcausecode`,
	asCSeq:    `cseq`,
	asNumbers: `rack timestamp`,
	asWords: `allow supported k require unsupported proxy-require date allow-events u content-encoding e content-language
		content-transfer-encoding mime-version priority privacy resource-priority accept-resource-priority
		refer-events-at`,
	asStats:  `x-rtp-stat p-rtp-stat x-rtp-stat-add rtp-rxstat rtp-txstat x-rtp-rxstat x-rtp-txstat`,
	asAgent:  `user-agent server`,
	asSecret: `subject s identity y content-description p-media-authorization`,
})

// headerTable makes the table of headers from lists of names.
func headerTable(lists, plain map[meaning]string) map[string]headerRule {
	table := map[string]headerRule{}
	for m, names := range lists {
		for _, name := range wordsOf(names) {
			table[name] = headerRule{meaning: m, list: true}
		}
	}
	for m, names := range plain {
		for _, name := range wordsOf(names) {
			table[name] = headerRule{meaning: m}
		}
	}
	for name, a := range map[string]about{
		"content-type": aboutType, "c": aboutType, "content-length": aboutLength, "l": aboutLength,
		"content-encoding": aboutEncoding, "e": aboutEncoding, "content-transfer-encoding": aboutTransfer,
	} {
		rule := table[name]
		rule.about = a
		table[name] = rule
	}
	table["body"] = headerRule{meaning: asSecret, body: true}
	return table
}
