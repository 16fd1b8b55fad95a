package pack

import (
	"fmt"
	"slices"
	"strings"

	"doudi/rules"
)

// obj is a piece of JSON Schema.
type obj = map[string]any

// schemaVersion is the draft that editors read.
const schemaVersion = "https://json-schema.org/draft/2020-12/schema"

// Schema is the JSON Schema of packs, made of [Specs], so that an editor offers
// the keys, explains them in Chinese and underlines what cannot be. It knows the
// form of each value; what one value has to do with another is for [Parse].
func Schema() map[string]any {
	text := ref("text")
	return obj{
		"$schema": schemaVersion, "title": "doudi 政策包", "$defs": defs(),
		"type": "object", "additionalProperties": false,
		"required": []string{"id", "title", "number", "status", "area", "area_name", "in_force", "checked_on"},
		"anyOf":    []obj{{"required": []string{"extends"}}, {"required": []string{"order", "clauses"}}},
		"properties": obj{
			"id":         described(text, "政策包代码", "字母、数字和横线，如 hangzhou-2022-70"),
			"title":      described(text, "文件标题", ""),
			"number":     described(text, "文号", ""),
			"status":     obj{"title": "状态", "oneOf": choices("in_force", "已印发", "draft", "征求意见稿")},
			"area":       described(obj{"type": []string{"string", "integer"}, "pattern": `^\d{6}$`}, "行政区划代码", `六位数字，写在引号里，如 "330100"`),
			"area_name":  described(text, "地区名称", ""),
			"in_force":   described(days(), "施行期", "from 第一日；to 最后一日，没有就不写"),
			"checked_on": described(ref("date"), "与原文核对的日期", ""),
			"extends":    described(obj{"enum": append([]string{national}, Builtin()...)}, "继承的政策包", "national：只要平台通用代码；或一份内置政策包，本文件的键取代同名的键"),
			"order":      described(ref("categories"), "类别次序", "同样有利时，取排在前面的身份"),
			"clauses": described(obj{"type": "object", "additionalProperties": object(obj{"article": text, "text": text}, "article", "text")},
				"条款", "代码: {article: 第几条, text: 用自己的话概括}；每一条都要有地方引用"),
			"parameters": described(groups(packParam), "参数", "每个参数写明 clause，并写 values（日期: 值）或 unset（原因）"),
			"monitor":    described(obj{"type": "object", "additionalProperties": monitorSchema(true)}, "监测线", "代码: {...}"),
			"lists":      described(listsSchema(true), "清单", "文件要求编制、送各部门的清单"),
			"codes":      described(ref("codes"), "平台代码", "补充或取代 national 的代码"),
		},
	}
}

// OverlaySchema is the JSON Schema of overlays.
func OverlaySchema() map[string]any {
	s := groups(overlayParam)
	props := s["properties"].(obj)
	props["document"] = described(ref("text"), "本地参数的出处", "如本地文件的文号")
	props["monitor"] = described(obj{"type": "object", "additionalProperties": monitorSchema(false)}, "监测线", "政策包里的监测线代码: {line: 金额}")
	props["lists"] = described(listsSchema(false), "清单", "清单名: {departments: [部门]}")
	props["codes"] = described(ref("codes"), "平台代码", "")
	s["$schema"], s["title"], s["$defs"] = schemaVersion, "doudi 叠加文件", defs()
	s["type"] = []string{"object", "null"}
	return s
}

func ref(def string) obj { return obj{"$ref": "#/$defs/" + def} }

// described adds what an editor shows; a missing description adds nothing.
func described(s obj, title, description string) obj {
	out := obj{"title": title}
	for k, v := range s {
		out[k] = v
	}
	if description != "" {
		out["description"] = description
	}
	return out
}

// object is a table of known keys.
func object(props obj, required ...string) obj {
	s := obj{"type": "object", "additionalProperties": false, "properties": props}
	if len(required) > 0 {
		s["required"] = required
	}
	return s
}

// choices are constants with their Chinese names: code, name, code, name, ….
func choices(pairs ...string) []obj {
	var out []obj
	for i := 0; i < len(pairs); i += 2 {
		out = append(out, obj{"const": pairs[i], "title": pairs[i+1]})
	}
	return out
}

func days() obj { return object(obj{"from": ref("date"), "to": ref("date")}, "from") }

// groups nests the parameters by their paths.
func groups(param func(*Spec) obj) obj {
	root := object(obj{})
	for i := range Specs {
		s := &Specs[i]
		at := root
		parts := strings.Split(string(s.Path), ".")
		for _, p := range parts[:len(parts)-1] {
			props := at["properties"].(obj)
			if props[p] == nil {
				props[p] = object(obj{})
			}
			at = props[p].(obj)
		}
		at["properties"].(obj)[parts[len(parts)-1]] = param(s)
	}
	return root
}

// valueOf is the form of a parameter's values.
func valueOf(s *Spec) obj {
	if s.Type == Choice {
		return obj{"enum": s.Options}
	}
	return ref(string(s.Type))
}

// byDate is date → value, or a stated gap.
func byDate(value obj) obj {
	return obj{"type": "object", "minProperties": 1, "additionalProperties": false,
		"patternProperties": obj{`^\d{4}-\d{2}-\d{2}$`: obj{"anyOf": []obj{value, ref("gap")}}}}
}

func explained(s *Spec) string {
	d := s.Doc
	if s.Unit != "" {
		d += "（单位：" + s.Unit + "）"
	}
	if form := forms[s.Type]; form != "" {
		d += "。写法：" + form
	}
	return d
}

func title(s *Spec) string { return fmt.Sprintf("%s %s", s.Path, s.Name) }

func packParam(s *Spec) obj {
	e := object(obj{
		"clause":     described(ref("text"), "条款代码", "在 clauses 里列出的"),
		"checked_on": described(ref("date"), "核对日期", "与整份文件不同时才写"),
		"choice":     described(ref("text"), "口径", "条文未写明时，作了什么选择"),
		"unset":      described(ref("text"), "为何没有值", "留给另一份文件的，写明原因，不写 values"),
		"values":     described(byDate(valueOf(s)), "日期: 值", "自该日起；写 unset 表示自该日起没有值"),
	}, "clause")
	e["oneOf"] = []obj{{"required": []string{"values"}}, {"required": []string{unset}}}
	return described(e, title(s), explained(s))
}

func overlayParam(s *Spec) obj {
	return described(obj{"anyOf": []obj{valueOf(s), ref("gap"), byDate(valueOf(s))}}, title(s), explained(s)+"；或 日期: 值")
}

func monitorSchema(pack bool) obj {
	props := obj{"name": described(ref("text"), "名称", ""), "categories": described(ref("categories"), "监测的类别", "")}
	for _, a := range attributes {
		props[a.key] = obj{"title": a.key, "description": a.title, "enum": a.names()}
	}
	line := byDate(ref("amount"))
	if !pack {
		props["line"] = described(obj{"anyOf": []obj{ref("amount"), ref("gap"), line}}, "监测线", "金额，或 日期: 金额")
		return object(props)
	}
	props["line"] = described(line, "监测线", "日期: 金额")
	props["clause"] = described(ref("text"), "条款代码", "")
	props[unset] = described(ref("text"), "为何没有值", "")
	s := object(props, "clause", "name")
	s["oneOf"] = []obj{{"required": []string{"line"}}, {"required": []string{unset}}}
	return s
}

func listsSchema(pack bool) obj {
	props := obj{}
	for _, name := range ListNames() {
		to := described(obj{"type": "array", "minItems": 1, "uniqueItems": true, "items": ref("text")}, "送哪些部门", "")
		e := object(obj{"departments": to}, "departments")
		if pack {
			e = object(obj{"departments": to, "clause": described(ref("text"), "条款代码", ""), "from": ref("date"), "to": ref("date"),
				"choice": described(ref("text"), "口径", "")}, "clause", "from", "departments")
		}
		props[name] = described(e, ListTitles[name], "")
	}
	return object(props)
}

// categoryChoices are all categories with their names.
func categoryChoices() []obj {
	var pairs []string
	for _, c := range rules.Categories() {
		pairs = append(pairs, c.String(), c.Chinese())
	}
	return choices(pairs...)
}

func kindChoices() []obj {
	var pairs []string
	for _, k := range rules.Kinds() {
		pairs = append(pairs, k.String(), k.Chinese())
	}
	return choices(pairs...)
}

// tableOf is category → value.
func tableOf(value obj) obj {
	props := obj{others: described(value, "其余各类", "表里没有写出的类别")}
	for _, c := range rules.Categories() {
		props[c.String()] = described(value, c.Chinese(), "")
	}
	return object(props)
}

func sortedPlaces() []string {
	var out []string
	for p := range places {
		out = append(out, p)
	}
	slices.Sort(out)
	return out
}
