namespace MnistLstm.Shared.Decoding.Jpeg;

/// <summary>A block of an MCU: how it is read and where its coefficients go.</summary>
/// <param name="Dc">The table of the first coefficient.</param>
/// <param name="Ac">The table of the other coefficients.</param>
/// <param name="Component">Its place in the file's list.</param>
/// <param name="Places">[<see cref="CoefficientPair.Places"/>], zigzag: where coefficients go in
/// <see cref="BlockLanes.Coefficients"/>.</param>
/// <param name="Lanes">Takes the coefficients.</param>
/// <param name="Lane">Which of the lanes, counted from the MCU's first one.</param>
internal sealed record McuBlock(
    JpegHuffmanTable Dc, JpegHuffmanTable Ac, int Component, ushort[] Places, BlockLanes Lanes, int Lane);
