// Package sanitise makes captures fit to leave the house: whoever spoke, from
// where and with which keys is replaced or blanked, and everything that was
// measured stays as it is. The same key gives the same pseudonyms everywhere.
package sanitise
