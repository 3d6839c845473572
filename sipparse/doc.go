// Package sipparse turns bytes into flat SIP messages and session descriptions.
package sipparse
