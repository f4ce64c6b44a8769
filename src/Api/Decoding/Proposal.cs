using MnistLstm.Shared.Normalization;

namespace MnistLstm.Api.Decoding;

/// <summary>A candidate that the network has yet to judge.</summary>
/// <param name="Picture">The picture that it is read from.</param>
/// <param name="Rotation">Degrees by which the picture was turned clockwise.</param>
/// <param name="Candidate">With its box in pixels of the picture as displayed.</param>
public readonly record struct Proposal(RequestPicture Picture, int Rotation, DigitCandidate Candidate);
