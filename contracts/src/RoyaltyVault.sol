// SPDX-License-Identifier: MIT
pragma solidity ^0.8.28;

import {IERC20} from "@openzeppelin/contracts/token/ERC20/IERC20.sol";
import {SafeERC20} from "@openzeppelin/contracts/token/ERC20/utils/SafeERC20.sol";
import {SignatureChecker} from "@openzeppelin/contracts/utils/cryptography/SignatureChecker.sol";
import {LowLevelCall} from "@openzeppelin/contracts/utils/LowLevelCall.sol";
import {NoncesKeyed} from "@openzeppelin/contracts/utils/NoncesKeyed.sol";
import {IRoyaltyVault} from "./interfaces/IRoyaltyVault.sol";
import {Eip712} from "./lib/Eip712.sol";
import {Managed} from "./lib/Managed.sol";
import {PoolId} from "./lib/PoolId.sol";
import {SumTree} from "./lib/SumTree.sol";
import {ClaimTo, ContributorClaim, PoolKey, Split, SplitClaim} from "./types/Types.sol";

/// @title Royalty pools: gross income per pool and currency, paid out by proof
/// @notice What keeps the books covered, whoever wrote the root and the splits of a pool:
///
/// 1. The shares proven against one contributor root never add up to more than the total in its top node, and an
///    account has one leaf in a tree; so contributors get at most `contributorsBps` of the income, which is at most all.
/// 2. A fixed payee is paid only if `contributorsBps` and all splits add up to 10,000, and payees are unique.
/// 3. Both are hashed into the pool id, and `paid` never falls; so a pool never pays more than its own income.
///
/// Tokens that take a fee, or change balances by themselves, do not belong on the list; the first are refused at the
/// deposit, the second can't be recognized.
contract RoyaltyVault is IRoyaltyVault, Managed, NoncesKeyed {
    using SafeERC20 for IERC20;

    uint256 private constant ALL_BPS = 10_000;

    /// @dev The books of one pool in one currency.
    struct Book {
        /// Slot 0. Below 2^128, so that income * bps and share * shares stay far below 2^256.
        uint256 income;
        /// Slot 1.
        mapping(address account => uint256) paid;
        /// Slot 2. Its own book: one account may be contributor and fixed payee.
        mapping(address account => uint256) paidSplit;
    }

    /// @dev A transfer to be made once all books are written.
    struct Payment {
        address currency;
        uint256 amount;
    }

    mapping(bytes32 poolId => mapping(address currency => Book)) private _books;
    mapping(address currency => bool) private _allowed;

    /// @param manager AccessManager of the project.
    constructor(address manager) Managed(manager) {}

    /// @inheritdoc IRoyaltyVault
    function deposit(bytes32 poolId, address currency, uint256 amount, bytes32 ref) external payable {
        // Checks.
        if (amount == 0) revert NothingDeposited(poolId, currency);
        uint256 value = currency == address(0) ? amount : 0;
        if (msg.value != value) revert ValueMismatch(value, msg.value);

        if (currency != address(0)) {
            if (!_allowed[currency]) revert CurrencyNotAllowed(currency);
            // Interaction before the effect: only the balance tells what arrived. A deposit or a claim made from
            // inside the transfer moves the balance too, and is refused by the same equality.
            uint256 expected = IERC20(currency).balanceOf(address(this)) + amount;
            IERC20(currency).safeTransferFrom(msg.sender, address(this), amount);
            uint256 balance = IERC20(currency).balanceOf(address(this));
            if (balance != expected) revert BalanceMismatch(currency, expected, balance);
        }

        // Effects.
        Book storage book = _books[poolId][currency];
        uint256 income_ = book.income;
        if (amount > type(uint128).max - income_) revert IncomeOverflow(poolId, currency, income_, amount);
        unchecked {
            book.income = income_ + amount;
        }
        emit Deposited(poolId, msg.sender, ref, currency, amount);
    }

    /// @inheritdoc IRoyaltyVault
    function claim(address account, ContributorClaim calldata item) external returns (uint256 amount) {
        // Checks and effects.
        (amount,) = _claimContributor(account, _keyOf(account), item);
        if (amount == 0) revert NothingOwed(account);
        // Interaction.
        _pay(account, item.currency, amount);
    }

    /// @inheritdoc IRoyaltyVault
    function claimMany(address account, ContributorClaim[] calldata items, SplitClaim[] calldata splitItems) external {
        bytes32 key = _keyOf(account);
        Payment[] memory payments = new Payment[](items.length + splitItems.length);
        uint256 count;
        uint256 i;
        uint256 j;
        // Checks and effects: both lists are merged by currency.
        while (i < items.length || j < splitItems.length) {
            address currency = _lowerCurrency(items, i, splitItems, j);
            if (count != 0 && currency <= payments[count - 1].currency) {
                revert CurrenciesNotAscending(payments[count - 1].currency, currency);
            }
            uint256 amount;
            // Amounts are below 2^128, and there is no room for 2^64 items.
            unchecked {
                for (; i < items.length; ++i) {
                    ContributorClaim calldata item = items[i];
                    if (item.currency != currency) break;
                    (uint256 part,) = _claimContributor(account, key, item);
                    amount += part;
                }
                for (; j < splitItems.length; ++j) {
                    SplitClaim calldata item = splitItems[j];
                    if (item.currency != currency) break;
                    (uint256 part,) = _claimSplit(account, item);
                    amount += part;
                }
                payments[count++] = Payment(currency, amount);
            }
        }

        // Interactions.
        bool any;
        for (uint256 k; k < count; ++k) {
            if (payments[k].amount == 0) continue;
            any = true;
            _pay(account, payments[k].currency, payments[k].amount);
        }
        if (!any) revert NothingOwed(account);
    }

    /// @inheritdoc IRoyaltyVault
    function claimManyTo(
        ClaimTo calldata request,
        ContributorClaim[] calldata items,
        SplitClaim[] calldata splitItems,
        bytes calldata signature
    ) external returns (uint256 amount) {
        // Checks.
        if (block.timestamp > request.deadline) revert RequestExpired(request.deadline);
        if (request.to == address(0) || request.to == address(this)) revert ReceiverInvalid(request.to);

        // Checks and effects: the signer's nonce, then the books.
        _consent(request, signature);
        bytes32 poolsHash;
        (amount, poolsHash) = _claimPools(request.account, request.currency, items, splitItems);
        if (poolsHash != request.poolsHash) revert PoolsMismatch(request.poolsHash, poolsHash);
        if (amount == 0) revert NothingOwed(request.account);
        emit ClaimedTo(request.account, request.to, request.currency, amount, poolsHash);

        // Interaction.
        _pay(request.to, request.currency, amount);
    }

    /// @inheritdoc IRoyaltyVault
    function cancelNonce(uint192 key) external returns (uint256 nonce) {
        nonce = _useNonce(msg.sender, key);
        emit NonceCancelled(msg.sender, nonce);
    }

    /// @inheritdoc IRoyaltyVault
    function allowCurrency(address currency, bool allowed) external restricted {
        if (allowed && currency.code.length == 0) revert CurrencyInvalid(currency);
        _allowed[currency] = allowed;
        emit CurrencyAllowed(currency, allowed);
    }

    /// @inheritdoc IRoyaltyVault
    function income(bytes32 poolId, address currency) external view returns (uint256) {
        return _books[poolId][currency].income;
    }

    /// @inheritdoc IRoyaltyVault
    function paid(bytes32 poolId, address currency, address account) external view returns (uint256) {
        return _books[poolId][currency].paid[account];
    }

    /// @inheritdoc IRoyaltyVault
    function paidSplit(bytes32 poolId, address currency, address account) external view returns (uint256) {
        return _books[poolId][currency].paidSplit[account];
    }

    /// @inheritdoc IRoyaltyVault
    function isAllowed(address currency) external view returns (bool) {
        return _allowed[currency];
    }

    /// @inheritdoc IRoyaltyVault
    function nonces(address account, uint192 key)
        public
        view
        override(IRoyaltyVault, NoncesKeyed)
        returns (uint256 nonce)
    {
        return super.nonces(account, key);
    }

    /// @inheritdoc IRoyaltyVault
    function domainSeparator() external view returns (bytes32) {
        return Eip712.domainSeparator();
    }

    /// @dev Uses the account's nonce, unless it is the sender.
    function _consent(ClaimTo calldata request, bytes calldata signature) private {
        address account = request.account;
        if (account == msg.sender) return;
        _useCheckedNonce(account, request.nonce);
        bytes32 digest = Eip712.digest(Eip712.hashClaimTo(request));
        if (!SignatureChecker.isValidSignatureNowCalldata(account, digest, signature)) {
            revert SignatureInvalid(account);
        }
    }

    /// @dev Writes both books of the account in these pools and returns what is to be paid, and the hash of the pools.
    function _claimPools(
        address account,
        address currency,
        ContributorClaim[] calldata items,
        SplitClaim[] calldata splitItems
    ) private returns (uint256 amount, bytes32 poolsHash) {
        bytes32 key = _keyOf(account);
        bytes32[] memory pools = new bytes32[](items.length);
        bytes32[] memory splitPools = new bytes32[](splitItems.length);
        uint256 part;
        for (uint256 i; i < items.length; ++i) {
            if (items[i].currency != currency) revert CurrencyMismatch(currency, items[i].currency);
            (part, pools[i]) = _claimContributor(account, key, items[i]);
            amount += part;
        }
        for (uint256 j; j < splitItems.length; ++j) {
            if (splitItems[j].currency != currency) revert CurrencyMismatch(currency, splitItems[j].currency);
            (part, splitPools[j]) = _claimSplit(account, splitItems[j]);
            amount += part;
        }
        poolsHash = _poolsHash(pools, splitPools);
    }

    /// @dev Writes the contributor's book and returns what is to be paid; zero changes nothing.
    function _claimContributor(address account, bytes32 key, ContributorClaim calldata item)
        private
        returns (uint256 amount, bytes32 poolId)
    {
        PoolKey calldata pool = item.pool;
        uint16 bps = pool.contributorsBps;
        if (bps > ALL_BPS) revert SplitsSum(bps);
        bytes32 root = pool.contributorRoot;
        uint64 shares = item.shares;
        uint64 total = SumTree.member(root, SumTree.CONTRIBUTORS, key, shares, item.consent, item.bitmap, item.siblings);
        poolId = PoolId.idOf(address(this), pool.datasetId, root, PoolId.splitsDigestOf(bps, pool.splitsHash));
        address currency = item.currency;
        Book storage book = _books[poolId][currency];
        uint256 entitled;
        // income < 2^128, bps <= 10,000 and shares < 2^64: no product reaches 2^193; total >= shares >= 1.
        unchecked {
            entitled = (book.income * bps / ALL_BPS) * shares / total;
        }
        amount = _settle(book.paid, account, entitled);
        if (amount != 0) emit Claimed(poolId, account, currency, amount);
    }

    /// @dev Writes the fixed payee's book and returns what is to be paid; zero changes nothing.
    function _claimSplit(address account, SplitClaim calldata item) private returns (uint256 amount, bytes32 poolId) {
        uint256 bps = _splitOf(account, item);
        bytes32 digest = PoolId.splitsDigestOf(item.contributorsBps, keccak256(abi.encode(item.splits)));
        poolId = PoolId.idOf(address(this), item.datasetId, item.contributorRoot, digest);
        Book storage book = _books[poolId][item.currency];
        uint256 entitled;
        // income < 2^128 and bps <= 10,000.
        unchecked {
            entitled = book.income * bps / ALL_BPS;
        }
        amount = _settle(book.paidSplit, account, entitled);
        if (amount != 0) emit SplitClaimed(poolId, account, item.currency, amount);
    }

    function _settle(mapping(address => uint256) storage book, address account, uint256 entitled)
        private
        returns (uint256 amount)
    {
        // Income and `paid` only grow, and shares and total of a pool are fixed: `entitled` is never less than `paid`.
        amount = entitled - book[account];
        if (amount != 0) book[account] = entitled;
    }

    /// @dev keccak256 of the pools of both lists, each pool once.
    function _poolsHash(bytes32[] memory pools, bytes32[] memory splitPools) private pure returns (bytes32) {
        bytes32[] memory all = new bytes32[](pools.length + splitPools.length);
        uint256 count;
        uint256 i;
        uint256 j;
        while (i < pools.length || j < splitPools.length) {
            bool fromSplits = i == pools.length || (j < splitPools.length && splitPools[j] < pools[i]);
            bytes32 next = fromSplits ? splitPools[j] : pools[i];
            // Also what refuses a pool that is twice in one list, since each list gives at most one below.
            if (count != 0 && next <= all[count - 1]) revert PoolsNotAscending(all[count - 1], next);
            if (i < pools.length && pools[i] == next) ++i;
            if (j < splitPools.length && splitPools[j] == next) ++j;
            all[count++] = next;
        }
        assembly ("memory-safe") {
            mstore(all, count)
        }
        return keccak256(abi.encodePacked(all));
    }

    /// @dev Key of an account's leaf.
    function _keyOf(address account) private pure returns (bytes32) {
        return keccak256(abi.encodePacked(account));
    }

    function _pay(address account, address currency, uint256 amount) private {
        if (currency == address(0)) {
            if (!LowLevelCall.callNoReturn(account, amount, "")) revert PaymentRefused(account, amount);
        } else {
            IERC20(currency).safeTransfer(account, amount);
        }
    }

    /// @dev The account's basis points, after checking the whole list.
    function _splitOf(address account, SplitClaim calldata item) private pure returns (uint256 bps) {
        Split[] calldata splits = item.splits;
        uint256 sum = item.contributorsBps;
        bool found;
        for (uint256 i; i < splits.length; ++i) {
            address to = splits[i].to;
            if (i != 0 && to <= splits[i - 1].to) revert SplitsNotAscending(splits[i - 1].to, to);
            sum += splits[i].bps;
            if (to == account) (found, bps) = (true, splits[i].bps);
        }
        if (sum != ALL_BPS) revert SplitsSum(sum);
        if (!found) revert NotInSplits(account);
    }

    function _lowerCurrency(ContributorClaim[] calldata items, uint256 i, SplitClaim[] calldata splitItems, uint256 j)
        private
        pure
        returns (address)
    {
        if (i == items.length) return splitItems[j].currency;
        address currency = items[i].currency;
        if (j == splitItems.length) return currency;
        address other = splitItems[j].currency;
        return currency < other ? currency : other;
    }
}
