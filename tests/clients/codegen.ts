import type { CodegenConfig } from "@graphql-codegen/cli";

const config: CodegenConfig = {
  schema: "../../schema.graphql",
  documents: ["src/**/*.ts"],
  // As Node resolves modules.
  importExtension: ".js",
  emitLegacyCommonJSImports: false,
  generates: {
    "generated/": {
      preset: "client",
      config: {
        strictScalars: true,
        useTypeImports: true,
        enumsAsTypes: true,
        // What each scalar of the schema is in JSON. A new one fails the build until it has a line.
        scalars: {
          CountryCode: "string",
          CurrencyCode: "string",
          DateTime: "string",
          Decimal: "string",
          LocalDate: "string",
          LocalTime: "string",
        },
      },
      presetConfig: { fragmentMasking: false },
    },
  },
};

export default config;
