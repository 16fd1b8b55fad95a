package pack

import (
	"errors"
	"fmt"
	"strings"

	"github.com/goccy/go-yaml"
	"github.com/goccy/go-yaml/ast"
	"github.com/goccy/go-yaml/parser"
)

// node is a YAML value with its place. Scalars keep their text: an amount never
// passes through a float.
type node struct {
	file      string
	line, col int
	kind      nodeKind
	text      string
	keys      []string // of a map, in order
	values    []*node  // of a map or a list
	keyAt     []place
}

type place struct{ line, col int }

type nodeKind uint8

const (
	scalar nodeKind = iota
	mapping
	list
	null
)

// Error is a mistake in a pack or overlay, with its place.
type Error struct {
	File      string
	Line, Col int
	Message   string
}

func (e *Error) Error() string {
	return fmt.Sprintf("%s:%d:%d: %s", e.File, e.Line, e.Col, e.Message)
}

func (n *node) errorf(format string, args ...any) error {
	return &Error{n.file, n.line, n.col, fmt.Sprintf(format, args...)}
}

// keyErrorf is a mistake in the i-th key of a map.
func (n *node) keyErrorf(i int, format string, args ...any) error {
	return &Error{n.file, n.keyAt[i].line, n.keyAt[i].col, fmt.Sprintf(format, args...)}
}

// get is the value of a key, or nil.
func (n *node) get(key string) *node {
	if n == nil || n.kind != mapping {
		return nil
	}
	for i, k := range n.keys {
		if k == key {
			return n.values[i]
		}
	}
	return nil
}

// only refuses keys that are not named.
func (n *node) only(keys ...string) error {
	if n.kind != mapping {
		return n.errorf("此处应为键值表，可用的键：%s", strings.Join(keys, "、"))
	}
next:
	for i, k := range n.keys {
		for _, want := range keys {
			if k == want {
				continue next
			}
		}
		return n.keyErrorf(i, "不认识的键 %q，可用的键：%s", k, strings.Join(keys, "、"))
	}
	return nil
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

// parseYAML reads one document into a tree.
func parseYAML(file string, data []byte) (*node, error) {
	f, err := parser.ParseBytes(data, 0)
	if e, ok := errors.AsType[yaml.Error](err); ok && e.GetToken() != nil {
		at := e.GetToken().Position
		return nil, &Error{file, at.Line, at.Column, e.GetMessage()}
	}
	if err != nil {
		return nil, fmt.Errorf("%s: %w", file, err)
	}
	if len(f.Docs) == 0 || len(f.Docs) == 1 && (f.Docs[0].Body == nil || f.Docs[0].Body.Type() == ast.CommentType) {
		return &node{file: file, line: 1, col: 1, kind: null}, nil // nothing but comments
	}
	if len(f.Docs) != 1 {
		return nil, &Error{file, 1, 1, "文件应为一份 YAML 文档"}
	}
	return build(file, f.Docs[0].Body)
}

func build(file string, a ast.Node) (*node, error) {
	t := a.GetToken()
	if m, ok := a.(*ast.MappingNode); ok && !m.IsFlowStyle && len(m.Values) > 0 {
		t = m.Values[0].Key.GetToken() // a table begins at its first key
	}
	n := &node{file: file, line: t.Position.Line, col: t.Position.Column}
	switch v := a.(type) {
	case *ast.MappingNode:
		n.kind = mapping
		for _, mv := range v.Values {
			if err := n.add(mv); err != nil {
				return nil, err
			}
		}
	case *ast.MappingValueNode:
		n.kind = mapping
		if err := n.add(v); err != nil {
			return nil, err
		}
	case *ast.SequenceNode:
		n.kind = list
		for _, item := range v.Values {
			c, err := build(file, item)
			if err != nil {
				return nil, err
			}
			n.values = append(n.values, c)
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
		return nil, n.errorf("不支持的 YAML 写法（锚点、别名、标签等），请写成普通的键和值")
	}
	return n, nil
}

func (n *node) add(mv *ast.MappingValueNode) error {
	kt := mv.Key.GetToken()
	key := kt.Value
	if s, ok := mv.Key.(*ast.StringNode); ok {
		key = s.Value
	}
	if n.get(key) != nil {
		return &Error{n.file, kt.Position.Line, kt.Position.Column, fmt.Sprintf("键 %q 重复", key)}
	}
	c, err := build(n.file, mv.Value)
	if err != nil {
		return err
	}
	n.keys = append(n.keys, key)
	n.values = append(n.values, c)
	n.keyAt = append(n.keyAt, place{kt.Position.Line, kt.Position.Column})
	return nil
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
