package mos

// CodecTable finds the row for what was measured of a codec.
type CodecTable struct{ rows []Codec }

// DefaultCodecs returns the built-in table.
func DefaultCodecs() *CodecTable { return &CodecTable{} }
