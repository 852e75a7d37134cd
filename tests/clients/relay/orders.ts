// What a dashboard written with Relay asks: `relay-compiler` refuses it where the schema breaks Relay's rules of
// connections, `Node` and payloads. It is compiled, not run.
import { graphql } from "relay-runtime";

export const OrdersPage = graphql`
  query ordersPageQuery($filter: OrderFilterInput, $count: Int!, $cursor: String) {
    ...orders_list @arguments(filter: $filter)
    merchant { id name }
  }
`;

export const OrdersList = graphql`
  fragment orders_list on Query
  @refetchable(queryName: "ordersListPaginationQuery")
  @argumentDefinitions(filter: { type: "OrderFilterInput" }) {
    orders(filter: $filter, first: $count, after: $cursor) @connection(key: "Orders_orders") {
      edges { cursor node { id ...orders_row } }
      pageInfo { hasNextPage endCursor }
    }
  }
`;

export const OrderRow = graphql`
  fragment orders_row on Order @refetchable(queryName: "ordersRowRefetchQuery") {
    id
    orderNo
    title
    paymentState
    createdAt
    payable { amount currency }
    lines { title quantity }
  }
`;

export const AnyNode = graphql`
  query ordersNodeQuery($id: ID!) {
    node(id: $id) { __typename id ... on Order { ...orders_row @alias(as: "order") } ... on Refund { amount { amount } } }
  }
`;

export const GiveBack = graphql`
  mutation ordersGiveBackMutation($input: RefundCreateInput!) {
    refundCreate(input: $input) {
      refund { id state order { id ...orders_row } }
      userErrors { code field message }
    }
  }
`;

export const NewOrders = graphql`
  subscription ordersNewSubscription($after: String) {
    orderCreated(after: $after) { cursor order { id ...orders_row } }
  }
`;
