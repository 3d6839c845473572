// Package rtpstats measures RTP streams as RFC 3550 and RFC 3611 define it.
package rtpstats
