package pack

import (
	"errors"
	"fmt"
	"slices"
	"strings"

	"github.com/goccy/go-yaml"
	"github.com/goccy/go-yaml/ast"
	"github.com/goccy/go-yaml/parser"
)

// node is a YAML value with its place. Scalars keep their text: an amount never
// passes through a float.
type node struct {
	place
	kind   nodeKind
	text   string
	keys   []string // of a map, in order
	keyAt  []place
	values []*node // of a map or a list
}

type nodeKind uint8

const (
	scalar nodeKind = iota
	mapping
	list
	null
)

// get is the value of a key, or nil.
func (n *node) get(key string) *node {
	if n == nil || n.kind != mapping {
		return nil
	}
	if i := slices.Index(n.keys, key); i >= 0 {
		return n.values[i]
	}
	return nil
}

// find is where a key of a map or an item of a list stands, else the node's own
// place.
func (n *node) find(text string) place {
	if n.kind == mapping {
		if i := slices.Index(n.keys, text); i >= 0 {
			return n.keyAt[i]
		}
	}
	if n.kind == list {
		for _, x := range n.values {
			if x.kind == scalar && x.text == text {
				return x.place
			}
		}
	}
	return n.place
}

// only refuses keys that are not named.
func (n *node) only(keys ...string) error {
	if n.kind != mapping {
		return n.errorf("此处应为键值表，可用的键：%s", strings.Join(keys, "、"))
	}
	var wrong mistakes
	for i, k := range n.keys {
		if !slices.Contains(keys, k) {
			wrong.add(n.keyAt[i].errorf("不认识的键 %q，可用的键：%s", k, strings.Join(keys, "、")))
		}
	}
	return wrong.err()
}

// str is the text of a scalar, or an error.
func (n *node) str() (string, error) {
	if n.kind != scalar {
		return "", n.errorf("此处应为一个值")
	}
	return n.text, nil
}

// words is the text that a key must have for people to read.
func (n *node) words(key string) (string, error) {
	x := n.get(key)
	if x == nil {
		return "", n.errorf("缺少 %s", key)
	}
	t, err := x.str()
	if err != nil || t == "" {
		return "", x.errorf("%s 此处应为一个值，不能为空", key)
	}
	return t, nil
}

// optional is like words, but the key may be missing.
func (n *node) optional(key string) (string, error) {
	if n.get(key) == nil {
		return "", nil
	}
	return n.words(key)
}

// parseYAML reads one document into a tree. Where only keys stand twice, the
// tree is given with the error, and the first ones count.
func parseYAML(file string, data []byte) (*node, error) {
	// Duplicate keys are found by node.add, which names all of them.
	f, err := parser.ParseBytes(data, 0, parser.AllowDuplicateMapKey())
	if e, ok := errors.AsType[yaml.Error](err); ok && e.GetToken() != nil {
		at := e.GetToken().Position
		return nil, &Error{file, at.Line, at.Column, fmt.Sprintf("YAML 写法有误，请检查缩进、冒号后的空格、成对的括号和引号（%s）", e.GetMessage())}
	}
	if err != nil {
		return nil, fmt.Errorf("%s: %w", file, err)
	}
	if len(f.Docs) == 0 || len(f.Docs) == 1 && (f.Docs[0].Body == nil || f.Docs[0].Body.Type() == ast.CommentType) {
		return &node{place: place{file, 1, 1}, kind: null}, nil // nothing but comments
	}
	if len(f.Docs) != 1 {
		return nil, &Error{file, 1, 1, "文件应为一份 YAML 文档，请去掉分隔行 ---"}
	}
	var b builder
	n := b.build(file, f.Docs[0].Body)
	if b.odd {
		return nil, b.err()
	}
	return n, b.err()
}

// builder makes nodes of the parser's tree and collects what they cannot be
// made of.
type builder struct {
	mistakes
	odd bool // there is something that no node can hold
}

func (b *builder) build(file string, a ast.Node) *node {
	t := a.GetToken()
	if m, ok := a.(*ast.MappingNode); ok && !m.IsFlowStyle && len(m.Values) > 0 {
		t = m.Values[0].Key.GetToken() // a table begins at its first key
	}
	if v, ok := a.(*ast.MappingValueNode); ok {
		t = v.Key.GetToken()
	}
	n := &node{place: place{file, t.Position.Line, t.Position.Column}}
	switch v := a.(type) {
	case *ast.MappingNode:
		n.kind = mapping
		for _, mv := range v.Values {
			b.entry(n, mv)
		}
	case *ast.MappingValueNode:
		n.kind = mapping
		b.entry(n, v)
	case *ast.SequenceNode:
		n.kind = list
		for _, item := range v.Values {
			n.values = append(n.values, b.build(file, item))
		}
	case *ast.NullNode:
		n.kind = null
	case *ast.StringNode:
		n.text = v.Value
	case *ast.LiteralNode:
		n.text = strings.TrimRight(v.Value.Value, "\n")
	case *ast.IntegerNode, *ast.FloatNode, *ast.BoolNode:
		n.text = t.Value
	default:
		b.odd = true
		b.add(n.errorf("不支持的 YAML 写法（锚点、别名、标签等），请写成普通的键和值"))
	}
	return n
}

func (b *builder) entry(n *node, mv *ast.MappingValueNode) {
	kt := mv.Key.GetToken()
	key := kt.Value
	if s, ok := mv.Key.(*ast.StringNode); ok {
		key = s.Value
	}
	at := place{n.file, kt.Position.Line, kt.Position.Column}
	if slices.Contains(n.keys, key) {
		b.add(at.errorf("键 %q 重复，请只留一个", key))
		return
	}
	n.keys = append(n.keys, key)
	n.keyAt = append(n.keyAt, at)
	n.values = append(n.values, b.build(n.file, mv.Value))
}

// String prints the value on one line, in YAML's flow form.
func (n *node) String() string {
	switch n.kind {
	case mapping:
		var parts []string
		for i, k := range n.keys {
			parts = append(parts, k+": "+n.values[i].String())
		}
		return "{" + strings.Join(parts, ", ") + "}"
	case list:
		var parts []string
		for _, v := range n.values {
			parts = append(parts, v.String())
		}
		return "[" + strings.Join(parts, ", ") + "]"
	case null:
		return "~"
	}
	return n.text
}
