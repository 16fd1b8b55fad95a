package reports

type maternityFacts struct{}
