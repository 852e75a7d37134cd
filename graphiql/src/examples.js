// graphiql/examples/NN-name.graphql (and NN-name.variables.json): the initial tabs and the bar's menu.
// The first comment line of a file is its English title, the second its Chinese one.
const queries = import.meta.glob('../examples/*.graphql', { query: '?raw', import: 'default', eager: true });
const variables = import.meta.glob('../examples/*.variables.json', { query: '?raw', import: 'default', eager: true });

const title = (line) => line.replace(/^#\s*/, '').replace(/[.。]$/, '');

export const examples = Object.keys(queries)
  .sort()
  .map((path) => {
    const query = queries[path];
    const [en, zh] = query.split('\n');
    return {
      title: { en: title(en), 'zh-CN': title(zh) },
      query,
      variables: variables[path.replace(/\.graphql$/, '.variables.json')]?.trim() ?? null,
    };
  });

export const tabs = examples.map(({ query, variables }) => ({ query, variables }));
