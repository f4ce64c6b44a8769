namespace MnistLstm.Shared.Decoding.Jpeg;

/// <summary>A channel of a JPEG file.</summary>
/// <param name="Across">Blocks of an MCU in a row.</param>
/// <param name="Down">Rows of blocks of an MCU.</param>
/// <param name="Quantization">Number of its table of steps.</param>
/// <param name="DcTable">Number of its Huffman table of first coefficients.</param>
/// <param name="AcTable">Number of its Huffman table of the others.</param>
internal readonly record struct JpegComponent(int Across, int Down, int Quantization, int DcTable, int AcTable);
