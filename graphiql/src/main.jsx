import './prefill.js';
import 'monaco-editor/min/vs/editor/editor.main.css';
import '@graphiql/react/style.css';
import '@graphiql/plugin-doc-explorer/style.css';
import '@graphiql/plugin-history/style.css';
import '@graphiql/plugin-explorer/style.css';
import 'graphiql/graphiql.css';
import './page.css';
import './workers.js';
import { createRoot } from 'react-dom/client';
import { GraphiQLInterface } from 'graphiql';
import { GraphiQLProvider } from '@graphiql/react';
import { DOC_EXPLORER_PLUGIN, DocExplorerStore } from '@graphiql/plugin-doc-explorer';
import { HISTORY_PLUGIN, HistoryStore } from '@graphiql/plugin-history';
import { explorerPlugin } from '@graphiql/plugin-explorer';
import { Bar } from './bar.jsx';
import { fetcher } from './session.js';
import { tabs } from './examples.js';

const plugins = [DOC_EXPLORER_PLUGIN, HISTORY_PLUGIN, explorerPlugin({ showAttribution: false })];

createRoot(document.getElementById('root')).render(
  <GraphiQLProvider fetcher={fetcher} plugins={plugins} referencePlugin={DOC_EXPLORER_PLUGIN} defaultTabs={tabs} inputValueDeprecation schemaDescription>
    <Bar />
    <main>
      <HistoryStore>
        <DocExplorerStore>
          <GraphiQLInterface defaultEditorToolsVisibility="variables" />
        </DocExplorerStore>
      </HistoryStore>
    </main>
  </GraphiQLProvider>,
);
