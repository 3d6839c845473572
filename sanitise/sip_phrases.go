package sanitise

// phraseWords are the words of reason phrases (RFC 3261 21, IANA), of Q.850's
// causes and of what common software writes in their place.
var phraseWords = wordSet(`100 trying ringing is being forwarded queued session progress early dialog terminated ok accepted no notification
	multiple choices moved permanently temporarily use proxy alternative service bad request unauthorized payment required
	forbidden not found method allowed acceptable authentication timeout conflict gone length conditional failed entity too
	large uri unsupported media type scheme unknown resource priority extension interval brief location information
	referrer identity provide flow token stale unwanted anonymity disallowed unsupported info package certificate invalid
	first hop lacks outbound support max breadth exceeded consent needed temporarily unavailable call transaction does exist
	loop detected many hops address incomplete ambiguous busy here cancelled canceled terminated acceptable here event pending
	undecipherable security agreement server internal error implemented gateway version supported message push notifications
	precondition failure everywhere decline declined anywhere rejected
	unallocated unassigned number route to specified transit network destination channel user responding subscriber absent
	clearing normal changed portability out of order format facility status enquiry requested circuit switching equipment
	congestion access discarded quality available subscribed incoming outgoing barred within cug authorized presently bearer
	capability capability option class restricted digital information only element parameter mandatory contents state
	compatible protocol interworking recovery on timer expiry unspecified non existent
	rtp rtcp media inactivity silence hangup hung up by caller callee remote local answered elsewhere completed
	the a an and or in at for from with was has have been are this that your you we it if be will can cannot could
	please try again later wait connection connected refused reset lost closed expired expires missing wrong illegal
	parse parsing syntax malformed header headers field value body content sdp codec codecs incompatible description parameters
	understood options policy violation rate limit limited overload overloaded maintenance licence license maximum reached
	registered registration register domain realm credentials password challenge unchallenged allowed deny denied permitted
	replaced replaces transferred transfer redirected redirect attempted blind attended hold resume
	ims release cause preemption prefix q sip 850 3261 isup bye cancel cancelling ack invite options subscribe notify refer
	publish prack update timer timed response code final provisional reason other leg side end unit
	system software device phone endpoint extension queue agent agents all trunk lines line circuits channels ports
	temporary permanent success successful stack transport tcp udp tls dns lookup resolve unreachable host destination`)

// agentWords are known products, their makers, and what stands around them in
// User-Agent and Server.
var agentWords = wordSet(`asterisk pbx freeswitch freepbx fpbx opensips kamailio openser ser rtpengine rtpproxy sems yate kazoo
	mod_sofia sofia sip sofiasip linphone linphonec belle belledonne belle-sip liblinphone liblinphone baresip re pjsip pjsua pjsua2
	pjproject pjmedia jitsi jain jssip sipjs sipml5 sipml webrtc doubango twinkle ekiga opal kphone minisip xlite x lite
	eyebeam eye beam bria counterpath zoiper zoiper5 rv2 rv2xx microsip phonerlite phoner csipsimple sipdroid groundwire acrobits softphone
	telephone blink sipsimple icotera sjphone gizmo nufone trixbox elastix issabel vicidial goautodial 3cx 3cxphone 3cxphonesystem phonesystem
	cisco siphandset sipgateway sipgateway ios cucm cuc callmanager cme unity csf jabber cp spa ata ata186 ata187 linksys pap2 pap2t pap wrt sipura
	polycom soundpoint soundpointip soundstation vvx obi obihai trio plcm poly yealink snom gigaset siemens openstage openscape unify
	hipath optipoint grandstream gxp gxv gxw ht ucm wave budgetone bt handytone dp wp fanvil htek akuvox tiptel aastra mitel mivoice
	clearspan shoretel ip480 avaya onex one communicator ipoffice ip office sipphone definity cm aura session manager sm border controller sbc scs
	nortel cs cs1000 cs2k a2 mcp alcatel lucent oxe omnipcx oxo al genesys interactive intelligence inin pureconnect
	oracle acme packet acmepacket sonus ribbon gsx psx swe edgemarc edgewater audiocodes mediant mp msbr tenor quintum
	patton smartnode sn innovaphone ipva auerswald compact agfeo avm fritz box fritzbox fon fritz!box speedport telekom lancom
	bintec elmeg draytek zyxel thomson speedtouch technicolor st st2030 sagem sagemcom livebox arris huawei softx usg zte
	ericsson nokia siemens motorola samsung lg panasonic kx tgp hdv tgp ns ns1000 nec univerge toshiba matsushita
	broadsoft broadworks broadvoice metaswitch perimeta genband kapsch dialogic imsbase ims cfs voxeo prophecy twilio telnyx bandwidth
	vonage plivo sinch signalwire ringcentral dialpad zoom zoomphone microsoft rtc lync skype teams phsipproxy ocs
	mediation uccapi ucma uccp office communicator oc epygi quadro vegastream vega sangoma digium switchvox d40 d50 d60 d65 d70
	beronet gateway gw mediatrix media5 media5corp mediagateway cirpack netrake nextone msx veraz dialog
	sipp sipsak sipvicious friendly scanner vaxsipuseragent sundayddr pplsip eyebem smap svmap sivus
	hmp callgen example tester test
	mobile android iphone ios ipad ipados mac macos macosx osx os darwin windows win win32 win64 linux debian ubuntu
	centos redhat fedora alpine freebsd openbsd arm armv7 aarch64 amd64 i386 i686 x86 x64 64 bit unknown gnu generic
	chrome firefox safari edge opera webkit mozilla node nodejs java python go rust cpp php
	release version ver build rev revision stamp stable unstable alpha beta gamma rc final svn git dfsg deb el patch sp sr hotfix fix pre dev
	nightly snapshot trunk certified cert lts commit core lib client server proxy registrar stack sdk api ua uac uas uas agent
	user phone desktop voip voice video conference conf mcu gsm lte volte vowifi wlan wifi dect ip pc tel soft hard handset
	application app service services platform switch router registrar softswitch system systems networks network communications communication
	technologies technology solutions inc ltd gmbh corp corporation open source free project team`)

// statWords name the figures of X-RTP-Stat, RTP-RxStat and RFC 6035 reports.
var statWords = wordSet(`cs ps es os sp so qs pr er or cr sr qr pl bl ls rb sb en de ji dl ip ps
	dur pkt oct latepkt lostpkt avgjit maxjit latency vq mosqk moslqk mos
	vqsessionreport vqintervalreport vqalertreport callterm callid localid remoteid origid localaddr remoteaddr localgroup
	remotegroup localmac remotemac port ssrc localmetrics remotemetrics timestamps start stop sessiondesc pt pd sr fd fo fpp
	fmtp plc ssup pps jitterbuffer jba jbr jbn jbm jbx packetloss nlr jdr burstgaploss bld bd gld gd gmin delay rtd esd
	owd iaj maj symm signal sl nl rerl qualityest rlq rlqestalg rcq rcqestalg extri extriestalg extro extroestalg moslq
	moslqestalg moscq moscqestalg qoeestalg dialogid p.564 g.107 severity type z t`)
