package capture

import (
	"fmt"
	"strconv"
)

// maxFilterDepth bounds parentheses and "not" inside one another.
const maxFilterDepth = 200

// filterParser reads an expression by recursive descent:
//
//	expression = term { ("and" | "or") term }
//	term       = { "not" } ( "(" expression ")" | primitive )
//	primitive  = { qualifier } operand | word
//	operand    = value | "(" operand { ("and" | "or") operand } ")"
type filterParser struct {
	tokens []filterToken
	last   qualifiers // of the latest operand, for a bare value behind it
	depth  int
}

func parseFilter(expr string) (filterNode, error) {
	tokens, err := lexFilter(expr)
	if err != nil {
		return nil, err
	}
	if tokens[0].text == "" {
		return matchAll{}, nil
	}
	p := &filterParser{tokens: tokens}
	n, err := p.joined(p.term)
	if err != nil {
		return nil, err
	}
	if t := p.peek(); t.text != "" {
		return nil, p.want("\"and\", \"or\" or the end", t)
	}
	return n, nil
}

// peek returns the next token; the last one, which is empty, stays.
func (p *filterParser) peek() filterToken { return p.tokens[0] }

func (p *filterParser) next() filterToken {
	t := p.tokens[0]
	if t.text != "" {
		p.tokens = p.tokens[1:]
	}
	return t
}

// take reads the next token if it is word.
func (p *filterParser) take(word string) bool {
	if p.peek().text != word {
		return false
	}
	p.next()
	return true
}

// want makes the error for a token that should have been something else.
func (p *filterParser) want(what string, have filterToken) error {
	if have.text == "" {
		return &filterError{have.column, fmt.Sprintf("want %s, have the end", what)}
	}
	return &filterError{have.column, fmt.Sprintf("want %s, have %q", what, have.text)}
}

// joined reads parts joined by "and" and "or", which bind alike.
func (p *filterParser) joined(part func() (filterNode, error)) (filterNode, error) {
	n, err := part()
	for err == nil {
		var m filterNode
		switch {
		case p.take("and"):
			m, err = part()
			n = matchBoth{n, m}
		case p.take("or"):
			m, err = part()
			if err == nil {
				n = either(n, m)
			}
		default:
			return n, nil
		}
	}
	return nil, err
}

// nested reads what is inside a "not" or a parenthesis.
func (p *filterParser) nested(inside func() (filterNode, error)) (filterNode, error) {
	if p.depth == maxFilterDepth {
		return nil, &filterError{p.peek().column, fmt.Sprintf("want at most %d parentheses and nots inside one another", maxFilterDepth)}
	}
	p.depth++
	defer func() { p.depth-- }()
	return inside()
}

func (p *filterParser) term() (filterNode, error) {
	if p.take("not") {
		n, err := p.nested(p.term)
		return matchNot{n}, err
	}
	if p.take("(") {
		return p.closed(p.term)
	}
	return p.primitive()
}

// closed reads joined parts and the parenthesis that ends them.
func (p *filterParser) closed(part func() (filterNode, error)) (filterNode, error) {
	n, err := p.nested(func() (filterNode, error) { return p.joined(part) })
	if err != nil {
		return nil, err
	}
	if t := p.next(); t.text != ")" {
		return nil, p.want("\"and\", \"or\" or \")\"", t)
	}
	return n, nil
}

// number reads an unsigned number, decimal or 0x hexadecimal, up to limit.
func (p *filterParser) number(what string, limit uint64) (uint32, error) {
	t := p.next()
	n, err := strconv.ParseUint(t.text, 0, 32)
	if err != nil || n > limit {
		return 0, p.want(fmt.Sprintf("%s from 0 to %d", what, limit), t)
	}
	return uint32(n), nil
}

// isNumber reports whether the next token begins like a number.
func (p *filterParser) isNumber() bool {
	t := p.peek().text
	return t != "" && t[0] >= '0' && t[0] <= '9'
}
