// SPDX-License-Identifier: MIT
pragma solidity ^0.8.28;

import {IERC20} from "@openzeppelin/contracts/token/ERC20/IERC20.sol";
import {SafeERC20} from "@openzeppelin/contracts/token/ERC20/utils/SafeERC20.sol";
import {IERC721} from "@openzeppelin/contracts/token/ERC721/IERC721.sol";
import {SignatureChecker} from "@openzeppelin/contracts/utils/cryptography/SignatureChecker.sol";
import {LowLevelCall} from "@openzeppelin/contracts/utils/LowLevelCall.sol";
import {NoncesKeyed} from "@openzeppelin/contracts/utils/NoncesKeyed.sol";
import {IAccessPass} from "./interfaces/IAccessPass.sol";
import {IDatasetRegistry} from "./interfaces/IDatasetRegistry.sol";
import {ILicenseRegistry} from "./interfaces/ILicenseRegistry.sol";
import {IPriceModule} from "./interfaces/IPriceModule.sol";
import {IRoyaltyVault} from "./interfaces/IRoyaltyVault.sol";
import {Eip712} from "./lib/Eip712.sol";
import {Managed} from "./lib/Managed.sol";
import {PoolId} from "./lib/PoolId.sol";
import {SoulboundPass} from "./lib/SoulboundPass.sol";
import {IssuePass, Pass, Version} from "./types/Types.sol";

/// @title Soulbound access passes: sold, issued by consent, revoked, reissued
/// @notice Native coin that this contract holds is exactly the sum of all credits; it holds no tokens between
/// transactions.
contract AccessPass is IAccessPass, SoulboundPass, Managed, NoncesKeyed {
    using SafeERC20 for IERC20;

    /// @dev Expiry of a pass without end.
    uint40 private constant ENDLESS = type(uint40).max;

    address private immutable REGISTRY;
    address private immutable LICENSES;
    address private immutable VAULT;

    mapping(address account => uint256) private _credits;

    /// @param manager AccessManager of the project.
    /// @param registry_ Datasets that passes are for.
    /// @param licenses_ Terms that they are sold under.
    /// @param vault_ Where the price goes.
    constructor(address manager, address registry_, address licenses_, address vault_) Managed(manager) {
        REGISTRY = registry_;
        LICENSES = licenses_;
        VAULT = vault_;
    }

    /// @inheritdoc IAccessPass
    function purchase(Version calldata version, bytes32 termsId, uint256 maxPrice)
        external
        payable
        returns (uint256 passId)
    {
        // Checks.
        bytes32 versionKey = Eip712.hashVersion(version);
        _requireSaleable(version.datasetId, version.number, versionKey);
        uint256 price;
        address currency;
        address module;
        uint96 step;
        uint40 duration;
        Pass memory next;
        (price, currency, duration, next.purposes, next.termsNumber, next.burnAuth, module, step) =
            ILicenseRegistry(LICENSES).quoteFor(version.datasetId, termsId, version.licenseDigest);
        next.holder = msg.sender;
        passId = _passIdOf(msg.sender, version.datasetId);
        Pass memory old = _passes[passId];
        next.expiry = _purchasedExpiry(passId, old, next.termsNumber, duration);
        _requireReplaceable(passId, old, next);

        // Effects.
        _store(passId, old, next, address(this));

        // Interactions and checks. A module that lets the sender buy again from inside meets the pass of this sale, so
        // that neither term is lost; what it makes the price counts only up to the sender's maximum.
        if (module != address(0)) {
            // Terms' prices are of 128 bits.
            // forge-lint: disable-next-line(unsafe-typecast)
            price = IPriceModule(module).sell(version.datasetId, termsId, uint128(price), step);
        }
        if (price > maxPrice) revert PriceAboveMaximum(price, maxPrice);
        emit Purchased(passId, version.datasetId, msg.sender, versionKey, termsId, price, next.expiry);

        // Effects and interactions.
        _collect(version, versionKey, currency, price);
    }

    /// @inheritdoc IAccessPass
    function issueBySig(
        IssuePass calldata request,
        bytes32 datasetId,
        uint32 number,
        bytes calldata issuerSignature,
        bytes calldata holderSignature
    ) external returns (uint256 passId) {
        // Checks.
        if (block.timestamp > request.deadline) revert RequestExpired(request.deadline);
        if (request.burnAuth > uint8(BurnAuth.Neither)) revert BurnAuthInvalid(request.burnAuth);
        if (request.expiry <= block.timestamp || request.expiry > ENDLESS) revert ExpiryInvalid(request.expiry);
        _requireSaleable(datasetId, number, request.versionKey);
        _requireDatasetOwner(request.issuer, datasetId);
        Pass memory next;
        (,,, next.purposes, next.termsNumber,,,) = ILicenseRegistry(LICENSES).quote(datasetId, request.termsId);
        next.holder = request.holder;
        // Compared with ENDLESS above.
        // forge-lint: disable-next-line(unsafe-typecast)
        next.expiry = uint40(request.expiry);
        next.burnAuth = request.burnAuth;
        passId = _passIdOf(request.holder, datasetId);
        Pass memory old = _passes[passId];
        _requireReplaceable(passId, old, next);

        // Checks and effects: the signers' nonces.
        bytes32 digest = Eip712.digest(Eip712.hashIssuePass(request));
        _consent(request.issuer, request.nonce, digest, issuerSignature);
        // One signature is enough for both roles of one account, and uses its nonce once.
        if (request.holder != request.issuer) _consent(request.holder, request.nonce, digest, holderSignature);

        // Effects.
        _store(passId, old, next, request.issuer);
        emit PassIssued(passId, datasetId, request.holder, request.termsId, next.expiry);
    }

    /// @inheritdoc IAccessPass
    function revoke(address holder, bytes32 datasetId) external {
        // Checks.
        uint256 passId = _passIdOf(holder, datasetId);
        BurnAuth auth = BurnAuth(_existing(passId).burnAuth);
        bool byHolder = msg.sender == holder && (auth == BurnAuth.OwnerOnly || auth == BurnAuth.Both);
        bool byIssuer = (auth == BurnAuth.IssuerOnly || auth == BurnAuth.Both) && msg.sender == _datasetOwner(datasetId);
        if (!byHolder && !byIssuer) revert RevokeForbidden(msg.sender, passId, uint8(auth));

        // Effects.
        _burn(passId, holder);
        emit Revoked(passId, datasetId, holder);
    }

    /// @inheritdoc IAccessPass
    function reissue(
        address oldHolder,
        IssuePass calldata request,
        bytes32 datasetId,
        uint32 number,
        bytes calldata holderSignature
    ) external restricted returns (uint256 passId) {
        // Checks: the new account agreed to what the old one has.
        if (block.timestamp > request.deadline) revert RequestExpired(request.deadline);
        if (request.issuer != msg.sender) revert IssuerInvalid(request.issuer, msg.sender);
        if (request.holder == oldHolder) revert HolderInvalid(oldHolder);
        uint256 oldPassId = _passIdOf(oldHolder, datasetId);
        Pass memory next = _existing(oldPassId);
        if (next.expiry <= block.timestamp) revert ExpiryInvalid(next.expiry);
        if (request.expiry != next.expiry) revert ExpiryInvalid(request.expiry);
        if (request.burnAuth != next.burnAuth) revert BurnAuthInvalid(request.burnAuth);
        bytes32 versionKey = IDatasetRegistry(REGISTRY).keyAt(datasetId, number);
        if (versionKey == 0 || versionKey != request.versionKey) {
            revert VersionMismatch(versionKey, request.versionKey);
        }
        bytes32 termsId = ILicenseRegistry(LICENSES).termsAt(next.termsNumber);
        if (termsId != request.termsId) revert TermsMismatch(termsId, request.termsId);
        passId = _passIdOf(request.holder, datasetId);
        Pass memory old = _passes[passId];
        next.holder = request.holder;
        _requireReplaceable(passId, old, next);

        // Checks and effects: the signer's nonce.
        bytes32 digest = Eip712.digest(Eip712.hashIssuePass(request));
        _consent(request.holder, request.nonce, digest, holderSignature);

        // Effects.
        _burn(oldPassId, oldHolder);
        _store(passId, old, next, msg.sender);
        emit Reissued(oldPassId, passId, request.holder);
    }

    /// @inheritdoc IAccessPass
    function cancelNonce(uint192 key) external returns (uint256 nonce) {
        nonce = _useNonce(msg.sender, key);
        emit NonceCancelled(msg.sender, nonce);
    }

    /// @inheritdoc IAccessPass
    function withdrawCredit() external returns (uint256 amount) {
        // Checks.
        amount = _credits[msg.sender];
        if (amount == 0) revert NoCredit(msg.sender);
        // Effects.
        _credits[msg.sender] = 0;
        emit CreditWithdrawn(msg.sender, amount);
        // Interactions.
        if (!LowLevelCall.callNoReturn(msg.sender, amount, "")) {
            revert IRoyaltyVault.PaymentRefused(msg.sender, amount);
        }
    }

    /// @inheritdoc IAccessPass
    function isValid(address account, bytes32 datasetId, uint8 purpose) external view returns (bool) {
        Pass memory pass = _passes[_passIdOf(account, datasetId)];
        return pass.expiry > block.timestamp && (pass.purposes >> purpose) & 1 != 0;
    }

    /// @inheritdoc IAccessPass
    function passOf(address account, bytes32 datasetId) external view returns (Pass memory) {
        return _passes[_passIdOf(account, datasetId)];
    }

    /// @inheritdoc IAccessPass
    function passIdOf(address account, bytes32 datasetId) external pure returns (uint256) {
        return _passIdOf(account, datasetId);
    }

    /// @inheritdoc IAccessPass
    function creditOf(address account) external view returns (uint256) {
        return _credits[account];
    }

    /// @inheritdoc IAccessPass
    function nonces(address account, uint192 key)
        public
        view
        override(IAccessPass, NoncesKeyed)
        returns (uint256 nonce)
    {
        return super.nonces(account, key);
    }

    /// @inheritdoc IAccessPass
    function domainSeparator() external view returns (bytes32) {
        return Eip712.domainSeparator();
    }

    /// @inheritdoc IAccessPass
    function registry() external view returns (address) {
        return REGISTRY;
    }

    /// @inheritdoc IAccessPass
    function licenses() external view returns (address) {
        return LICENSES;
    }

    /// @inheritdoc IAccessPass
    function vault() external view returns (address) {
        return VAULT;
    }

    /// @dev Takes the price from the sender and deposits it into the pool of this version. What native coin is left over
    /// becomes credit.
    function _collect(Version calldata version, bytes32 versionKey, address currency, uint256 price) private {
        bytes32 poolId = PoolId.idOf(VAULT, version.datasetId, version.contributorRoot, version.splitsDigest);
        if (currency == address(0)) {
            if (msg.value < price) revert ValueInsufficient(price, msg.value);
            if (msg.value > price) {
                uint256 excess = msg.value - price;
                _credits[msg.sender] += excess;
                emit CreditAdded(msg.sender, excess);
            }
            if (price != 0) IRoyaltyVault(VAULT).deposit{value: price}(poolId, currency, price, versionKey);
        } else {
            if (msg.value != 0) revert IRoyaltyVault.ValueMismatch(0, msg.value);
            if (price == 0) return;
            IERC20(currency).safeTransferFrom(msg.sender, address(this), price);
            IERC20(currency).forceApprove(VAULT, price);
            IRoyaltyVault(VAULT).deposit(poolId, currency, price, versionKey);
        }
    }

    /// @dev Uses the signer's nonce, unless the signer is the sender.
    function _consent(address signer, uint256 nonce, bytes32 digest, bytes calldata signature) private {
        if (signer == msg.sender) return;
        _useCheckedNonce(signer, nonce);
        if (!SignatureChecker.isValidSignatureNowCalldata(signer, digest, signature)) revert SignatureInvalid(signer);
    }

    /// @dev Expiry after buying one more term of these terms now.
    function _purchasedExpiry(uint256 passId, Pass memory old, uint24 termsNumber, uint40 duration)
        private
        view
        returns (uint40)
    {
        uint256 start = block.timestamp;
        if (old.termsNumber == termsNumber && old.expiry > start) {
            if (old.expiry == ENDLESS) revert PassEndless(passId);
            start = old.expiry;
        }
        uint256 end = start + duration;
        // forge-lint: disable-next-line(unsafe-typecast)
        return duration == 0 || end > ENDLESS ? ENDLESS : uint40(end);
    }

    /// @dev A pass that still counts gives way only to one that allows at least as much for at least as long.
    function _requireReplaceable(uint256 passId, Pass memory old, Pass memory next) private view {
        if (old.expiry <= block.timestamp) return;
        if (next.expiry < old.expiry || old.purposes & ~next.purposes != 0) {
            revert PassWouldShrink(passId, old.expiry, next.expiry, old.purposes, next.purposes);
        }
    }

    function _requireSaleable(bytes32 datasetId, uint32 number, bytes32 versionKey) private view {
        bytes32 registered = IDatasetRegistry(REGISTRY).requireSaleable(datasetId, number);
        if (registered != versionKey) revert VersionMismatch(registered, versionKey);
    }

    function _requireDatasetOwner(address issuer, bytes32 datasetId) private view {
        address owner = _datasetOwner(datasetId);
        if (issuer != owner) revert IssuerInvalid(issuer, owner);
    }

    function _datasetOwner(bytes32 datasetId) private view returns (address) {
        return IERC721(REGISTRY).ownerOf(uint256(datasetId));
    }
}
