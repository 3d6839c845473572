package sanitise

import (
	"bytes"
	"strings"
)

// wordsOf splits a list of words for a table.
func wordsOf(list string) []string { return strings.Fields(list) }

// wordSet is a table of words, in lower case.
func wordSet(lists ...string) map[string]bool {
	set := map[string]bool{}
	for _, list := range lists {
		for _, w := range wordsOf(list) {
			set[strings.ToLower(w)] = true
		}
	}
	return set
}

const maxTableWord = 64

func inSet(set map[string]bool, w []byte) bool {
	var buf [maxTableWord]byte
	return set[string(foldInto(buf[:], w))]
}

// isProtocolWord reports whether a word belongs to SIP, SDP or what they carry, or
// has points between such words: presence.winfo.
func isProtocolWord(w []byte) bool {
	if inSet(protocolWords, w) {
		return true
	}
	head, tail, found := bytes.Cut(w, []byte("."))
	return found && inSet(protocolWords, head) && isProtocolWord(tail)
}

// isPhraseWord reports whether a word is one that reasons are made of.
func isPhraseWord(w []byte) bool { return inSet(phraseWords, w) }

// isHeaderWord reports whether a word may stand in the name of any header.
func isHeaderWord(w []byte) bool { return inSet(headerWords, w) }

// isStatWord reports whether a word names a measured figure.
func isStatWord(w []byte) bool { return inSet(statWords, w) }

// isAgentWord reports whether a word is a known product, its maker, or what
// stands around them.
func isAgentWord(w []byte) bool { return inSet(agentWords, w) }

// protocolWords are methods, option tags, event packages, media types, codecs
// and the values of parameters, as IANA registers them.
var protocolWords = wordSet(
	// Methods.
	`invite ack bye register options cancel subscribe notify prack update info refer message publish`,
	// Versions and transports.
	`sip sips tel udp tcp tls sctp ws wss tls-sctp dtls-udp http https`,
	// Option tags.
	`100rel 199 answermode early-session eventlist explicitsub from-change geolocation-http geolocation-sip gin gruu
	histinfo ice join multiple-refer norefersub nosub outbound path policy precondition pref privacy
	recipient-list-invite recipient-list-message recipient-list-subscribe record-aware replaces resource-priority
	extended-refer sdp-anat sec-agree siprec target-dialog tdialog timer trickle-ice uui trickle-sip`,
	// Event packages and states of subscriptions.
	`conference consent-pending-additions dialog kpml load-control message-summary poc-settings presence reg spirits-indps
	spirits-user-prof ua-profile vq-rtcpxr winfo xcap-diff as-feature-event call-completion call-info line-seize
	active pending terminated deactivated probation rejected timeout giveup noresource invariant`,
	// Types of media.
	`application audio image message multipart text video model font example`,
	`sdp isup qsig dtmf dtmf-relay hook-flash sipfrag http-sip cpim external-body mixed alternative related signed
	encrypted form-data plain html xml json octet-stream pidf dialog-info reginfo rlmi conference-info resource-lists
	resource-lists-diff watcherinfo rs-metadata media_control media-control simple-message-summary pkcs7-mime
	pkcs7-signature pkcs10 kpml-request kpml-response cpim-pidf csta xcap simple-filter pidf-diff load-control
	im-iscomposing trickle-ice-sdpfrag broadsoft telephone-event vnd.3gpp.ussd vnd.3gpp.sms vnd.etsi.aoc
	vnd.cirpack.isdn-ext vnd.nortelnetworks.digits sdp-description pidf-lo held poc-settings ccmp call-completion
	dialog-info+xml pidf+xml reginfo+xml rlmi+xml conference-info+xml resource-lists+xml watcherinfo+xml
	rs-metadata+xml media_control+xml kpml-request+xml kpml-response+xml cpim-pidf+xml csta+xml load-control+xml
	im-iscomposing+xml pidf-diff+xml simple-filter+xml xcap-diff+xml call-completion+xml vnd.3gpp.cw+xml
	vnd.3gpp.ussd+xml vnd.etsi.aoc+xml vnd.etsi.cug+xml vnd.etsi.mcid+xml vnd.etsi.pstn+xml rs-metadata soap+xml`,
	// Content.
	`gzip deflate identity binary 8bit 7bit base64 quoted-printable render session alert icon required optional
	utf-8 us-ascii iso-8859-1 en en-us de fr it es nl pl`,
	// Values of parameters.
	`phone ip lr true false yes no uac uas digest basic bearer ntlm negotiate kerberos md5 md5-sess sha-256 sha-256-sess
	sha-512-256 akav1-md5 akav2-md5 auth auth-int hex on off full off-hook normal urgent non-urgent emergency
	id user header critical none critical history uri called calling unconditional unknown user-busy
	no-answer unavailable time-of-day do-not-disturb deflection follow-me out-of-service away call-forward
	redirect fork proxy require supported gated inactive sendrecv sendonly recvonly active passive actpass
	holdconn both new existing q.850 preemption release_cause completed elsewhere ordinary payphone test operator
	manual auto personal business principal attendant msg-taker fixed mobile half explicit implicit
	ipsec-3gpp hmac-md5-96 hmac-sha-1-96 aes-cbc des-ede3-cbc null trans tun esp ah isdn-uui itu-t92+ itu-t ansi88 ansi
	etsi121 etsi356 gr394 nxv2 nxv3 explicit verstat tn-validation-passed tn-validation-failed no-tn-validation
	3gpp-geran 3gpp-utran-fdd 3gpp-utran-tdd 3gpp-e-utran 3gpp-e-utran-fdd 3gpp-e-utran-tdd 3gpp-nr ieee-802.11
	ieee-802.11a ieee-802.11b ieee-802.11g ieee-802.11n ieee-802.3 adsl vdsl dsl docsis gpon xdsl ethernet
	3gpp2-1x-hrpd 3gpp2-umb 3gpp-nr-fdd 3gpp-nr-tdd orig term originating terminating unreg registered`,
	// URNs.
	`urn uuid service sos police fire ambulance marine mountain poison physician urn-7 3gpp-service 3gpp-application
	ims.icsi.mmtel ims-icsi mmtel gsma imei ietf params xml ns nena ims`,
	// Dates.
	`mon tue wed thu fri sat sun jan feb mar apr may jun jul aug sep oct nov dec gmt`,
	// Session descriptions.
	`in ip4 ip6 rtp rtp/avp avp avpf savp savpf udptl dtls msrp tcptls tl t38 as ct rs rr tias bundle ls fid fec fec-fr sim
	host srflx prflx relay typ raddr rport generation tcptype so network-id network-cost network ufrag
	local e2e qos mandatory remote send recv nack pli fir ccm ack tmmbr tmmbn vbcm goog-remb transport-cc rpsi sli
	app trr-int cname msid mslabel label webrtc-datachannel a wms server client holdconn actpass
	t38maxbitrate transferredtcf localtcf t38udpredundancy t38udpfec t38udpec t38faxrateManagement rcvr-rtt all
	sender loss-rle dup-rle pkt-rcpt-times rcvr-rtt-xr stat-summary loss dup jitt ttl hl voip-metrics max-size
	sid prio bfcp confctrl main slides speaker sl alt
	aes_cm_128_hmac_sha1_80 aes_cm_128_hmac_sha1_32 f8_128_hmac_sha1_80 aead_aes_128_gcm aead_aes_256_gcm
	aes_192_cm_hmac_sha1_80 aes_192_cm_hmac_sha1_32 aes_256_cm_hmac_sha1_80 aes_256_cm_hmac_sha1_32 inline
	sha-1 sha-224 sha-384 sha-512 md2 ice2 trickle renomination`,
	codecWords,
)

// codecWords are encoding names of a=rtpmap and the names of their parameters.
const codecWords = `pcmu pcma telephone-event opus g722 g729 cn gsm g723 ilbc speex amr amr-wb amr-wb+ evs g726-16 g726-24 g726-32
	g726-40 aal2-g726-16 aal2-g726-24 aal2-g726-32 aal2-g726-40 g721 g728 g7221 g722.1 g729a g729ab g729b g729d g729e g729.1
	g7291 g711.1 gsm-efr gsm-fr gsm-hr gsm-hr-08 lpc dvi4 l8 l16 l20 l24 red silk bv16 bv32 mp4a-latm mpeg4-generic mpa mpa-robust celt
	isac ipcmwb siren siren7 siren14 x-siren x-msrta x-nt-inforeq nse x-nse frf-dialed-digit cisco-rtp-dtmf cisco-cas-payload tone clearmode vdvi qcelp evrc evrc0 evrcb smv vmr-wb
	eg711u eg711a lyra codec2 pcmu-wb pcma-wb g723.1 upcm isac dtx uemclip ac3 vorbis x-clearmode
	h264 h264-svc vp8 vp9 av1 h263 h263-1998 h263-2000 h265 h261 jpeg mpv mp2t mp1s mp2p nv celb bmpeg mp4v-es rtx ulpfec
	flexfec flexfec-03 parityfec h266 theora raw smpte336m rtp-midi t140 t140c x-h264uc x-ulpfecuc x-data x-rtvc1
	annexb annexa bitrate mode mode-set mode-change-period mode-change-capability mode-change-neighbor octet-align crc
	robust-sorting interleaving channels ptime maxptime minptime useinbandfec usedtx stereo sprop-stereo maxplaybackrate
	sprop-maxcapturerate maxaveragebitrate cbr max-red br bw ch-aw-recv cmr dtx dtx-recv hf-only evs-mode-switch br-send br-recv
	bw-send bw-recv profile-level-id packetization-mode level-asymmetry-allowed max-mbps max-fs max-cpb max-dpb max-br max-fr
	max-smbps max-fps apt rtx-time cif qcif sqcif cif4 cif16 custom profile level profile-id tier-flag level-id
	interop-constraints max-rcmd-nalu-size sar-understood sar-supported config vbr cng sampling streamtype sizelength
	indexlength indexdeltalength mode-type maxdisplaysize any x-google-start-bitrate x-google-max-bitrate x-google-min-bitrate
	maxsamplerate object penh aac-hbr aac-lbr nb wb swb fb nb-wb nb-swb wb-swb nb-fb silencesupp`

// headerWords are those that names of headers are made of.
var headerWords = wordSet(`x p a b ext app call callid cid id ids uuid guid session leg correlation correlator trace tracking
	track transaction original orig other peer parent linked related ref reference key conversation conf conference
	contact header headers info data type version status code reason cause stat stats rtp rtcp quality mos media codec
	source src destination dst dest trunk route routing domain realm carrier gateway gw group account customer tenant user
	name number caller callee called calling from to via request response server client agent device phone line channel
	queue time timestamp date duration start end custom auth token cookie sip uri url host ip port address addr net
	network zone region site location language accept support supported allow charge charging billing forwarded forward
	redirect diversion history privacy priority record recording tag label index count counter limit flags flag state
	asterisk fs freeswitch cisco avaya genesys broadworks kamailio opensips twilio inin sonus acme ribbon metaswitch
	audiocodes oracle teams ms skype lync ss7 isup inbound outbound direction class service provider event hangupcause`)
