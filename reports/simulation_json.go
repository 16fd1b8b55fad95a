package reports

import (
	"doudi/jobs/simulate"
)

// JSON is the simulation for programs; book is where the workbook lies.
func (s *Simulation) JSON(book string) any {
	areas := []any{}
	for i := range s.Areas {
		areas = append(areas, s.areaJSON(&s.Areas[i]))
	}
	largest := []any{}
	for i := range s.Top {
		c := &s.Top[i]
		claims := []any{}
		for _, x := range c.Claims {
			claims = append(claims, map[string]any{"setl_id": x.SetlID, "setl_time": x.At.String(), "kind": x.Kind.String(), "before": bucketsJSON(x.Before), "after": bucketsJSON(x.After)})
		}
		largest = append(largest, map[string]any{"area": c.Area, "certno": Mask(s.people[c.Person].Certno), "name": maskName(s.people[c.Person].Name), "category": c.Group.String(),
			"township": c.Township, "before": bucketsJSON(c.Before), "after": bucketsJSON(c.After), "difference": c.Diff().String(), "claims_changed": c.Changed, "claims": claims})
	}
	return map[string]any{"year": s.Year, "run": s.Run.No, "month": s.Run.Month.String(), "overlay": s.Draft.File, "overlay_sha256": s.Draft.Digest, "digest": s.Digest,
		"same": s.Same(), "areas": areas, "largest": largest, "notes": s.Notes(), "workbook": book}
}

func bucketsJSON(b simulate.Buckets) map[string]string {
	m := map[string]string{}
	for i, v := range b {
		m[simulate.Bucket(i).String()] = v.String()
	}
	return m
}

func (s *Simulation) areaJSON(a *simulate.AreaOutcome) any {
	year := a.Year()
	params := []any{}
	for i := range a.Params {
		p := &a.Params[i]
		params = append(params, map[string]any{"pack": p.Pack, "path": p.Path, "name": p.Name, "item": p.Item, "before": p.Before, "after": p.After,
			"from": p.From.String(), "to": p.To.String(), "clause": p.Clause, "article": p.Article, "document": p.Document, "open": p.Open, "adjustable": p.Adjustable})
	}
	idle := []any{}
	for _, k := range a.Idle {
		idle = append(idle, map[string]any{"path": k.Path, "line": k.Line, "reason": s.why(k)})
	}
	funds := []any{}
	diff := year.Diff()
	for b := range simulate.NumBuckets {
		funds = append(funds, map[string]any{"fund": b.String(), "before": year.Before[b].String(), "after": year.After[b].String(), "difference": diff[b].String()})
	}
	months := []any{}
	for i := range a.Months {
		m := &a.Months[i]
		months = append(months, map[string]any{"month": s.month(i).String(), "claims": m.Claims, "claims_changed": m.Changed,
			"before": bucketsJSON(m.Before), "after": bucketsJSON(m.After), "difference": bucketsJSON(m.Diff())})
	}
	categories, townships, monitors := []any{}, []any{}, []any{}
	for _, g := range a.SortedGroups() {
		categories = append(categories, sidesJSON("category", g.String(), a.Groups[g]))
	}
	for _, t := range a.SortedTownships() {
		townships = append(townships, sidesJSON("township", t, a.Townships[t]))
	}
	for _, m := range a.Monitors {
		cases := func(c simulate.Cases) any { return map[string]int{"opened": c.Opened, "cleared": c.Cleared} }
		monitors = append(monitors, map[string]any{"monitor": m.ID, "name": m.Name, "level": m.Level, "before": cases(m.Before), "after": cases(m.After)})
	}
	return map[string]any{"area": a.Code, "name": a.Name, "policy_before": a.Before.Digest, "policy_after": a.After.Digest, "people": a.People, "people_changed": a.Changed,
		"claims": year.Claims, "claims_changed": year.Changed, "parameters": params, "no_effect": idle, "funds": funds, "months": months,
		"all": sidesJSON("", "", a.Sides), "categories": categories, "townships": townships, "monitors": monitors, "warnings": append([]string{}, s.warnings(a)...)}
}

func sidesJSON(key, name string, x simulate.Sides) map[string]any {
	side := func(s simulate.Side) any {
		return map[string]any{"people": s.People, "sum": s.Sum.String(), "average": s.Average().String()}
	}
	m := map[string]any{"less": side(x.Less), "more": side(x.More), "shifted": x.Shifted, "net": x.Net().String()}
	if key != "" {
		m[key] = name
	}
	return m
}
