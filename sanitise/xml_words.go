package sanitise

// xmlWords are the names of elements and attributes, and the values that they
// may have, in the documents that SIP carries: dialog-info (RFC 4235), reginfo
// (RFC 3680), pidf (RFC 3863), conference-info (RFC 4575), resource-lists (RFC
// 4826), rlmi (RFC 4662), rs-metadata (RFC 7865), media_control (RFC 5168) and
// kpml (RFC 4730).
var xmlWords = wordSet(`xml version encoding standalone utf-8 yes no true false
	xmlns xsi schemalocation type lang mode
	dialog-info dialog state entity id call-id local-tag remote-tag direction initiator recipient event code duration
	replaces referred-by local remote identity target uri param pname pval display session-description route-set hop
	partial full trying proceeding early confirmed terminated cancelled rejected replaced local-bye remote-bye error timeout
	reginfo registration contact aor unknown-param init active created registered refreshed shortened expired deactivated
	probation unregistered q expires retry-after duration-registered callid cseq display-name
	presence tuple status basic open closed note timestamp priority relationship
	conference-info conference-description conference-state users user endpoint media roles entry subject free-text
	keywords conf-uris service-uris maximum-user-count available-media host-info users-state joining-method disconnection-method
	joining-info disconnection-info when reason by dialed-in dialed-out focus-owner departed booted failed busy connected
	on-hold muted-via-focus pending alerting dialing-in dialing-out disconnecting label src-id status user-count locked
	sendrecv sendonly recvonly inactive audio video text data application
	resource-lists list resource instance rlmi fullstate cid name index rls-services
	recording datamode complete group associate-time disassociate-time session participant nameid stream
	sessionrecordingassoc participantsessionassoc participantstreamassoc session_id group_id participant_id stream_id
	sipsessionid start-time stop-time send recv association_id
	media_control vc_primitive to_encoder picture_fast_update general_error
	kpml-request kpml-response pattern regex persist one-shot single-notify enterkey pre
	watcherinfo watcher-list watcher package subscribe approved
	pidf dm rpid c gp cl ca lt`)

// xmlProse are elements that hold what somebody wrote.
var xmlProse = wordSet(`note subject free-text keywords general_error`)

// xmlNumbers are the attributes whose value is a count or a version.
var xmlNumbers = wordSet(`version code q expires retry-after duration-registered duration priority cseq`)

// namespaces are those of the same documents.
var namespaces = map[string]bool{
	"urn:ietf:params:xml:ns:dialog-info": true, "urn:ietf:params:xml:ns:sa-dialog-info": true,
	"urn:ietf:params:xml:ns:reginfo": true, "urn:ietf:params:xml:ns:gruuinfo": true,
	"urn:ietf:params:xml:ns:pidf": true, "urn:ietf:params:xml:ns:pidf:data-model": true, "urn:ietf:params:xml:ns:pidf:rpid": true,
	"urn:ietf:params:xml:ns:pidf:geopriv10": true, "urn:ietf:params:xml:ns:conference-info": true,
	"urn:ietf:params:xml:ns:resource-lists": true, "urn:ietf:params:xml:ns:rlmi": true,
	"urn:ietf:params:xml:ns:recording:1": true, "urn:ietf:params:xml:ns:recording": true,
	"urn:ietf:params:xml:ns:kpml-request": true, "urn:ietf:params:xml:ns:kpml-response": true,
	"urn:ietf:params:xml:ns:watcherinfo": true, "urn:ietf:params:xml:ns:common-policy": true,
	"http://www.w3.org/2001/XMLSchema-instance": true, "http://www.opengis.net/gml": true,
}
