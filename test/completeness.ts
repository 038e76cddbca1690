export const checkCompleteness = (_o: string, _p: readonly string[]): readonly string[] => [];
