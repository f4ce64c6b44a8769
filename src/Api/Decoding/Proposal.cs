using MnistLstm.Shared.Normalization;

namespace MnistLstm.Api.Decoding;

/// <summary>A candidate that the network has yet to judge.</summary>
/// <param name="Picture">The picture that it comes from.</param>
/// <param name="Rotation">Clockwise rotation of the picture, in degrees.</param>
/// <param name="Candidate">The candidate, with its box in pixels of the picture as displayed.</param>
public readonly record struct Proposal(RequestPicture Picture, int Rotation, DigitCandidate Candidate);
