package sanitise

// params are the parameters of headers, URIs and credentials whose names stay,
// by what their values are.
var params = paramTable(map[meaning]string{
	asWords: `transport user method lr ob comp refresher handling purpose encoding content reason privacy screen party qop
		algorithm stale charset version base mode early-only isfocus automata class mobility duplex priority events
		methods audio video data application control text-only description type alg mech prot q-alg e-alg
		required optional alias keep oc-algo hidden lang cause-type session-case regstate cpc verstat noa npdi oli
		+sip.message +sip.extensions +sip.rendering +g.3gpp.smsip +g.3gpp.icsi-ref +g.3gpp.iari-ref +g.3gpp.mid-call
		+g.3gpp.srvcc-alerting +g.3gpp.cs-voice +sip.ice npi plan`,
	asNumber: `expires q cause ttl rport limit duration counter reg-id retry-after nc index id mp np m-limit oc oc-validity
		oc-seq port-c port-s`,
	asHost:   `maddr received icid-generated-at orig-ioi term-ioi transit-ioi ccf ecf trunk-context domain`,
	asBranch: `branch`,
	asOpaque: `tag to-tag from-tag local-tag remote-tag call-id remote icid-value related-icid realm nonce opaque boundary gr
		tgrp otg dtg utran-cell-id-3gpp cgi-3gpp local-time-zone spi-c spi-s`,
	asUser:   `isub ext rn cic phone-context postd username`,
	asURI:    `+sip.instance pub-gruu temp-gruu uri`,
	asSecret: `response cnonce rspauth nextnonce auts ck ik password`,
	asPhrase: `text`,
})

func paramTable(lists map[meaning]string) map[string]meaning {
	table := map[string]meaning{}
	for m, names := range lists {
		for _, name := range wordsOf(names) {
			table[name] = m
		}
	}
	return table
}
