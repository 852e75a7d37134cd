// The rules that @graphql-eslint recommends for schemas, and Relay's, on `schema.graphql` as it stands. Three do not
// fit, and say why. Run from the project's root.
import graphqlPlugin from "@graphql-eslint/eslint-plugin";

const { "flat/schema-recommended": recommended, "flat/schema-relay": relay } = graphqlPlugin.configs;

export default [
  {
    files: ["**/*.graphql"],
    plugins: { "@graphql-eslint": graphqlPlugin },
    languageOptions: {
      parser: graphqlPlugin.parser,
      parserOptions: { graphQLConfig: { schema: "schema.graphql" } },
    },
    rules: {
      ...recommended.rules,
      ...relay.rules,
      // Short lists that a thing owns, such as an order's lines, are plain lists. A fee is a figure of its payment
      // and has no id of its own, so the nodes of its edges are no `Node`.
      "@graphql-eslint/relay-edge-types": ["error", { listTypeCanWrapOnlyEdgeType: false, shouldImplementNode: false }],
      // Whatever is a `Node` has its `id` from there; sums, payloads and errors are values and have none.
      "@graphql-eslint/strict-id-in-types": "off",
      // `orderNo` and `refundNo` are what platforms and merchants call these numbers.
      "@graphql-eslint/no-typename-prefix": "off",
    },
  },
];
